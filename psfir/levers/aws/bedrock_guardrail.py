"""`aws.bedrock_guardrail`: a stricter version of a guardrail, where that has an effect.

A version of a guardrail never changes, and DRAFT is what nobody should serve; so what can be pulled is which version
counts. That says either who asks, for each request: then it is changed where the application reads it from. Or the
account enforces one: then Bedrock applies it to every request, whatever the application does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import KILLING, RESTORING, WRITING, Field, FieldType, LeverAbout, Permission, Phase, Stops
from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.domain.needs import Use
from psfir.domain.preflight import Finding
from psfir.errors import Busy, NoSuchTarget, UsageError
from psfir.levers.aws.ahead import SIMULATES, Ahead, Need
from psfir.levers.aws.guardrail_enforced import Enforced, identifier
from psfir.levers.aws.guardrail_places import VARIABLE, Parameter, Place, Variable
from psfir.levers.aws.settable import Seen, Settable
from psfir.levers.settle import word
from psfir.vendors.aws import Deadline

_GUARDRAIL = "arn:aws:bedrock:*:*:guardrail/{guardrail}"
_PARAMETER = "arn:aws:ssm:*:*:parameter/{parameter}"
_FUNCTION = "arn:aws:lambda:*:*:function:{function}"
_ALIASES = "where psfir lever check is to name the aliases that it does not reach"
_BEFORE = "where another version was enforced before"
_ENFORCING = "EnforcedGuardrail"
_GETTING_READY = frozenset({"CREATING", "UPDATING", "VERSIONING"})


class BedrockGuardrail(Settable):
    """The state is the `version` that the application is told, or what is `enforced`."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.bedrock_guardrail",
        line="Puts a stricter version of a Bedrock guardrail where the application reads it, or enforces it.",
        connects=("aws",),
        target=(
            Field("guardrail", FieldType.TEXT, "the guardrail's ID or ARN"),
            Field("parameter", FieldType.TEXT, "the parameter in SSM that holds the version", required=False),
            Field("function", FieldType.TEXT, "the Lambda function with the version in a variable", required=False),
            Field(
                "variable",
                FieldType.TEXT,
                f"which one; default {VARIABLE}",
                required=False,
                default=VARIABLE,
            ),
            Field(
                "enforced",
                FieldType.TEXT,
                "by whom it is enforced, for every request in this region",
                required=False,
                choices=("account",),
            ),
        ),
        one_of=("parameter", "function", "enforced"),
        example={
            "lever": "aws.bedrock_guardrail",
            "target": {
                "connection": "aws-prod",
                "guardrail": "ai1b2c3d4e5f",
                "parameter": "/support-assistant/guardrail-version",
            },
            "set": {"version": "5"},
            "within": "30s",
        },
        modes=(Mode.DEGRADE,),
        stops=Stops.NEW,
        settings=(
            Field("version", FieldType.TEXT, "the number of the strict version, made beforehand"),
            Field("models", FieldType.TEXTS, "enforced only for these; default all", required=False),
        ),
        permissions=(
            Permission("aws", "bedrock:GetGuardrail", _GUARDRAIL, KILLING),
            Permission("aws", "bedrock:GetGuardrail", _GUARDRAIL, RESTORING, of="parameter"),
            Permission("aws", "bedrock:GetGuardrail", _GUARDRAIL, RESTORING, of="function"),
            Permission("aws", "ssm:GetParameter", _PARAMETER),
            Permission("aws", "ssm:PutParameter", _PARAMETER, WRITING),
            Permission("aws", "lambda:GetFunctionConfiguration", _FUNCTION),
            Permission("aws", "lambda:UpdateFunctionConfiguration", _FUNCTION, WRITING),
            Permission("aws", "lambda:ListAliases", _FUNCTION, (Phase.READ,), _ALIASES),
            Permission("aws", f"bedrock:List{_ENFORCING}sConfiguration", "*", of="enforced"),
            Permission("aws", f"bedrock:Put{_ENFORCING}Configuration", "*", KILLING, of="enforced"),
            Permission("aws", f"bedrock:Delete{_ENFORCING}Configuration", "*", RESTORING, of="enforced"),
            Permission("aws", f"bedrock:Put{_ENFORCING}Configuration", "*", RESTORING, _BEFORE, of="enforced"),
            Permission("aws", "bedrock:GetGuardrail", _GUARDRAIL, RESTORING, _BEFORE, of="enforced"),
            SIMULATES,
        ),
        blast_radius="By a parameter or a variable: whoever reads it, with the next request, cold start or whenever it "
        "is read again; a published version of a function keeps its own. Enforced: every InvokeModel and Converse of "
        "the account in this region, of all applications; who lacks bedrock:ApplyGuardrail is denied. The stricter one "
        "of an enforced guardrail and of the request's own counts.",
        undo="Puts the version back that it found, or what was enforced, which may be nothing.",
        exact=True,
        vendor="aws",
        propagation=60.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        super().__init__(connection)
        self._places: Mapping[str, Place] = {
            "parameter": Parameter(self._aws),
            "function": Variable(self._aws),
            "enforced": Enforced(self._aws),
        }

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        version, deadline = str(settings.get("version")), Deadline(within)
        found = super().check(target, settings, within=within)
        says = f"version {version} of the guardrail {identifier(target)} is READY"
        ahead = Ahead(self._aws, within=deadline.left)
        ready, _ = ahead.target(lambda left: self._ready(target, version, Deadline(left)), says)
        return [*found, ready]

    def _place(self, target: Target) -> Place:
        named = [name for name in self._places if target.get(name)]
        if len(named) != 1:
            todo = "name one of parameter, function and enforced"
            raise UsageError("aws.bedrock_guardrail is not told where the version is said", todo=todo)
        return self._places[named[0]]

    def _seen(self, target: Target, deadline: Deadline) -> Seen:
        return self._place(target).seen(target, deadline)

    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        return self._place(target).wanted(target, state, settings)

    def _write(self, target: Target, seen: Seen, wanted: Mapping[str, Json], deadline: Deadline) -> str:
        """A version that is not there would make every request fail: that is looked at first, for restore too."""
        told = wanted.get("enforced") or wanted
        if isinstance(told, Mapping) and told.get("version"):
            self._ready(target, str(told["version"]), deadline)
        return self._place(target).put(target, seen, wanted, deadline)

    def _ready(self, target: Target, version: str, deadline: Deadline) -> None:
        params = {"guardrailIdentifier": target["guardrail"], "guardrailVersion": version}
        found = self._aws.read("bedrock", "GetGuardrail", params, within=deadline.left)
        status = str(found.get("status"))
        what = f"version {version} of the guardrail {identifier(target)} is {status}"
        if status in _GETTING_READY:
            raise Busy(what, where=self._aws.where, todo="it can be used when it is READY")
        if status != "READY":
            raise NoSuchTarget(what, where=self._aws.where, todo="name a version that is READY")

    def _needs(self, ahead: Ahead, target: Target, _seen: Seen, settings: Mapping[str, Json]) -> list[Need]:
        return ahead.needs(Use(self.about, target, "", settings))

    def _findings(self, target: Target, seen: Seen, deadline: Deadline) -> list[Finding]:
        return self._place(target).findings(target, seen, deadline)

    def _name(self, target: Target) -> str:
        return f"{self._place(target).name(target)} (guardrail {identifier(target)})"

    def _word(self, state: Mapping[str, Json]) -> str:
        if "enforced" not in state:
            return f"version {state.get('version')}"
        told = state["enforced"]
        if not isinstance(told, Mapping):
            return "nothing"
        models = told.get("models")
        some = f" for {word(models.get('includedModels'))}" if isinstance(models, Mapping) else ""
        return f"version {told.get('version')} of {told.get('guardrail')}{some}"
