"""What can be done to a system, why, and how bad it is: the closed lists that every other word refers to."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Off; reduced (smaller model, canned answers, read-only, no tools); cut off (tenant, tool, network, region)."""

    DISABLE = "disable"
    DEGRADE = "degrade"
    ISOLATE = "isolate"


class FailureMode(StrEnum):
    """The seven ways in which AI systems fail, as the Production Safety Framework lists them."""

    INPUT = "input"
    OUTPUT = "output"
    DATA = "data"
    DRIFT = "drift"
    INTEGRATION = "integration"
    OVERSIGHT = "oversight"
    VENDOR = "vendor"


class PlanCase(StrEnum):
    """The three cases that a response plan must cover at least; runbooks and playbooks say `covers:` with these."""

    HARMFUL_OUTPUT = "harmful_output"
    DATA_LEAKAGE = "data_leakage"
    MODEL_FAILURE = "model_failure"


CASE_OF: dict[FailureMode, PlanCase] = {
    FailureMode.INPUT: PlanCase.HARMFUL_OUTPUT,
    FailureMode.OUTPUT: PlanCase.HARMFUL_OUTPUT,
    FailureMode.DATA: PlanCase.DATA_LEAKAGE,
    FailureMode.DRIFT: PlanCase.MODEL_FAILURE,
    FailureMode.INTEGRATION: PlanCase.MODEL_FAILURE,
    FailureMode.OVERSIGHT: PlanCase.HARMFUL_OUTPUT,
    FailureMode.VENDOR: PlanCase.MODEL_FAILURE,
}


class Severity(StrEnum):
    """sev1 is the worst. A kill without a word about it declares sev2."""

    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"


class Autonomy(StrEnum):
    """How far a system acts by itself."""

    ADVISORY = "advisory"
    SUPERVISED = "supervised"
    AUTONOMOUS = "autonomous"
