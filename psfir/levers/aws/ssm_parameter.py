"""`aws.ssm_parameter`: the value of a parameter that an application reads from SSM's Parameter Store.

A SecureString is never decrypted and never touched: what is put back has to be recorded, and a secret may not be.
Parameter Store compares nothing, but numbers its versions, so that a write that came in between is told at least.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.errors import Refusal, UsageError
from psfir.levers.aws.ahead import SIMULATES
from psfir.levers.aws.parameter_store import SECURE, ParameterStore
from psfir.levers.aws.settable import Seen, Settable
from psfir.levers.settle import word
from psfir.vendors.aws import Deadline

_PARAMETER = "arn:aws:ssm:*:*:parameter/{parameter}"


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

    def __init__(self, connection: BoundConnection) -> None:
        super().__init__(connection)
        self._store = ParameterStore(self._aws)

    def _seen(self, target: Target, deadline: Deadline) -> Seen:
        return self._store.seen(target, deadline)

    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        wanted = settings.get("value")
        if not isinstance(wanted, str) or not wanted:
            raise UsageError("aws.ssm_parameter is not told which value to put", todo="say set: {value: ...}, a text")
        if state.get("type") == SECURE:
            what = f"{self._name(target)} is a {SECURE}: to put its value back psfir would have to write it down"
            raise Refusal(what, todo="let the application read what switches it from a parameter of its own, a String")
        self._store.no_secret(wanted)
        return {**state, "value": wanted}

    def _write(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        return self._store.put(target, seen, wanted, deadline)

    def _name(self, target: Target) -> str:
        return f"the parameter {target['parameter']}"

    def _word(self, state: Mapping[str, Json]) -> str:
        return word(state["value"]) if "value" in state else f"a {state.get('type')}"
