"""What goes wrong at AWS: changes that take their time, and a control plane that refuses or throttles."""

from __future__ import annotations

from psfir.domain.about import FieldType
from psfir.range.aws.protocols import Error, refused
from psfir.range.aws.sessions import credential
from psfir.range.faults.fault import FaultAbout, Ground, Setting, Settings, Undo, every
from psfir.range.faults.outage import answered
from psfir.range.faulty import Fault
from psfir.range.server import Asked

DENIED, THROTTLED = "aws.denied", "aws.throttled"
_SIGNED = (
    *("apigateway", "appconfig", "application-autoscaling", "autoscaling", "bedrock", "dynamodb", "ec2", "ecs"),
    *("elasticloadbalancing", "events", "iam", "lambda", "sagemaker", "sqs", "ssm", "sts", "wafv2"),
)
"""As requests are signed for them."""
_SERVICES = Setting(
    "services",
    FieldType.TEXT,
    "iam,ecs,lambda",
    "which services, with commas between; bedrock and dynamodb are what the assistant itself asks",
    choices=_SIGNED,
    several=True,
)

_NO = Error("AccessDeniedException", "User: you is not authorized to perform this", 403, "AccessDenied")
_LATER = Error("ThrottlingException", "Rate exceeded", 400, "Throttling")


def _propagation(ground: Ground, settings: Settings) -> Undo:
    authority = ground.cloud.aws.authority
    before, authority.propagation = authority.propagation, settings.number("delay")

    def undo() -> None:
        authority.propagation = before

    return undo


def _denied(ground: Ground, settings: Settings) -> Undo:
    return _refusing(ground, settings, DENIED, _NO)


def _throttled(ground: Ground, settings: Settings) -> Undo:
    return _refusing(ground, settings, THROTTLED, _LATER)


def _refusing(ground: Ground, settings: Settings, name: str, error: Error) -> Undo:
    """Those who run things meet it. What the assistant itself asks goes on, but for models and data that are named."""
    services = frozenset(settings.text("services").split(","))

    def met(asked: Asked) -> bool:
        signed = credential(asked)
        theirs = asked.path.endswith("/invocations") or asked.path.startswith("/configuration")
        return signed is not None and signed.service in services and not theirs

    fault = Fault(name, answer=lambda asked: refused(asked, error))
    return every(answered(part, fault, when=met) for part in ground.reach("aws"))


FAULTS = (
    FaultAbout(
        "aws.propagation",
        "changes of IAM take their time to count",
        "the policy is there to be read, and the assistant goes on for a while",
        _propagation,
        (Setting("delay", FieldType.SPAN, "30s", "how long a change takes", most=3600),),
    ),
    FaultAbout(DENIED, "AWS refuses whoever runs things", "AccessDenied from the control plane", _denied, (_SERVICES,)),
    FaultAbout(
        THROTTLED,
        "AWS throttles whoever runs things",
        "Throttling from the control plane: come back later",
        _throttled,
        (_SERVICES,),
    ),
)
