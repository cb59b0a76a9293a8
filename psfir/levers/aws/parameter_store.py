"""A parameter of SSM's Parameter Store as levers see and set it: never decrypted, and never a secret."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.contracts import Target
from psfir.domain.canon import Json
from psfir.errors import LeverError, Refusal, UsageError
from psfir.levers.aws.settable import Seen
from psfir.vendors.aws import AwsClient, Deadline

SECURE = "SecureString"


class ParameterStore:
    """Of a target's `parameter`."""

    def __init__(self, aws: AwsClient) -> None:
        self._aws = aws

    def seen(self, target: Target, deadline: Deadline) -> Seen:
        if ":" in str(target["parameter"]):
            what = f"{target['parameter']} is no name of a parameter that could be written"
            raise UsageError(what, todo="say its name, without ARN, version and label")
        params = {"Name": target["parameter"], "WithDecryption": False}
        found = self._aws.read("ssm", "GetParameter", params, within=deadline.left).get("Parameter") or {}
        state: dict[str, Json] = {"type": str(found.get("Type")), "data_type": str(found.get("DataType", "text"))}
        if state["type"] != SECURE:
            value = found.get("Value")
            if not isinstance(value, str):
                what = "ssm GetParameter answered without a value"
                raise LeverError(what, where=self._aws.where, todo="see what the parameter holds in AWS")
            self.no_secret(value)
            state["value"] = value
        return Seen(state, str(found.get("ARN")), version=str(found.get("Version")))

    def put(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        """Whether somebody wrote in between, or nothing."""
        # Left out, the data type would become plain text.
        params = {"Name": target["parameter"], "Value": wanted["value"], "Overwrite": True}
        params["DataType"] = wanted.get("data_type")
        said = self._aws.write("ssm", "PutParameter", params, within=deadline.left)
        return _between(str(seen.version), said.get("Version"))

    def no_secret(self, value: str) -> None:
        if self._aws.clean(value) != value:
            what = "the value holds a secret of the connection, which may not be recorded"
            raise Refusal(what, where=self._aws.where, todo="name a parameter that holds none")


def _between(before: str, now: object) -> str:
    """Somebody may have written after the last look: then theirs is overwritten, and stands in the history alone."""
    if not isinstance(now, int) or not before.isdecimal() or now <= int(before) + 1:
        return ""
    lost = f"version {now - 1}" if now == int(before) + 2 else f"versions {int(before) + 1} to {now - 1}"
    return f"somebody wrote {lost} in the same moment, which this replaced: see the parameter's history"
