"""`aws.ssm_parameter`: the value of a parameter that an application reads from SSM's Parameter Store.

A SecureString is never decrypted and never touched: what is put back has to be recorded, and a secret may not be.
Parameter Store compares nothing, but numbers its versions, so that a write that came in between is told at least.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from psfir.contracts import Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.errors import LeverError, Refusal, UsageError
from psfir.levers.aws.ahead import SIMULATES
from psfir.levers.aws.settable import Seen, Settable
from psfir.levers.settle import word
from psfir.vendors.aws import Deadline

_PARAMETER = "arn:aws:ssm:*:*:parameter/{parameter}"
_SECURE = "SecureString"


class SsmParameter(Settable):
    """The state is `value`, `type` and `data_type`; of a SecureString it holds no value."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.ssm_parameter",
        line="Sets a parameter in SSM's Parameter Store that the application reads.",
        connects=("aws",),
        target=(Field("parameter", FieldType.TEXT, "the parameter's whole name, without a version or label"),),
        example={
            "lever": "aws.ssm_parameter",
            "target": {"connection": "aws-prod", "parameter": "/support-assistant/mode"},
            "set": {"value": "off"},
            "within": "30s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(Field("value", FieldType.TEXT, "the value; of a StringList with commas between"),),
        permissions=(
            Permission("aws", "ssm:GetParameter", _PARAMETER),
            Permission("aws", "ssm:PutParameter", _PARAMETER, WRITING),
            SIMULATES,
        ),
        blast_radius="Whoever reads the parameter, when they next read it: many read it once as they start, or keep it "
        "for minutes. Who asks for a version or a label goes on with that one.",
        undo="Writes the value that it found as a new version, if the value is still as psfir left it. The number of "
        "the version goes on, and labels stay at the versions that they are at.",
        exact=True,
        vendor="aws",
    )

    def _seen(self, target: Target, deadline: Deadline) -> Seen:
        if ":" in str(target["parameter"]):
            what = f"{target['parameter']} is no name of a parameter that could be written"
            raise UsageError(what, todo="say its name, without ARN, version and label")
        params = {"Name": target["parameter"], "WithDecryption": False}
        found = self._aws.read("ssm", "GetParameter", params, within=deadline.left).get("Parameter") or {}
        state: dict[str, Json] = {"type": str(found.get("Type")), "data_type": str(found.get("DataType", "text"))}
        if state["type"] != _SECURE:
            value = found.get("Value")
            if not isinstance(value, str):
                what = "ssm GetParameter answered without a value"
                raise LeverError(what, where=self._aws.where, todo="see what the parameter holds in AWS")
            self._no_secret(value)
            state["value"] = value
        return Seen(state, str(found.get("ARN")), version=str(found.get("Version")))

    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        wanted = settings.get("value")
        if not isinstance(wanted, str) or not wanted:
            raise UsageError("aws.ssm_parameter is not told which value to put", todo="say set: {value: ...}, a text")
        if state.get("type") == _SECURE:
            what = f"{self._name(target)} is a {_SECURE}: to put its value back psfir would have to write it down"
            raise Refusal(what, todo="let the application read what switches it from a parameter of its own, a String")
        self._no_secret(wanted)
        return {**state, "value": wanted}

    def _write(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        # Left out, the data type would become plain text.
        params = {"Name": target["parameter"], "Value": wanted["value"], "Overwrite": True}
        params["DataType"] = wanted.get("data_type")
        said = self._aws.write("ssm", "PutParameter", params, within=deadline.left)
        return _between(str(seen.version), said.get("Version"))

    def _name(self, target: Target) -> str:
        return f"the parameter {target['parameter']}"

    def _word(self, state: Mapping[str, Json]) -> str:
        return word(state["value"]) if "value" in state else f"a {state.get('type')}"

    def _no_secret(self, value: str) -> None:
        if self._aws.clean(value) != value:
            what = "the value holds a secret of the connection, which may not be recorded"
            raise Refusal(what, where=self._aws.where, todo="name a parameter that holds none")


def _between(before: str, now: object) -> str:
    """Somebody may have written after the last look: then theirs is overwritten, and stands in the history alone."""
    if not isinstance(now, int) or not before.isdecimal() or now <= int(before) + 1:
        return ""
    lost = f"version {now - 1}" if now == int(before) + 2 else f"versions {int(before) + 1} to {now - 1}"
    return f"somebody wrote {lost} in the same moment, which this replaced: see the parameter's history"
