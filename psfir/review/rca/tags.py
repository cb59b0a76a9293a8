"""Tags of an analysis: pinned lists, so that an id means the same in ten years.

MITRE ATLAS names are of the project's data release 5.6.0 (30 April 2026, Apache-2.0), of which these are those that
concern incidents of AI features; OWASP's are of its Top 10 for LLM applications, 2025.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from psfir.domain.modes import FailureMode, PlanCase
from psfir.domain.near import near

ATLAS_RELEASE = "5.6.0"
ATLAS: Mapping[str, str] = {
    "AML.T0010": "AI Supply Chain Compromise",
    "AML.T0020": "Poison Training Data",
    "AML.T0034": "Cost Harvesting",
    "AML.T0048": "External Harms",
    "AML.T0051": "LLM Prompt Injection",
    "AML.T0051.000": "LLM Prompt Injection: Direct",
    "AML.T0051.001": "LLM Prompt Injection: Indirect",
    "AML.T0053": "AI Agent Tool Invocation",
    "AML.T0054": "LLM Jailbreak",
    "AML.T0056": "Extract LLM System Prompt",
    "AML.T0057": "LLM Data Leakage",
    "AML.T0070": "RAG Poisoning",
    "AML.T0080": "AI Agent Context Poisoning",
    "AML.T0086": "Exfiltration via AI Agent Tool Invocation",
    "AML.T0098": "AI Agent Tool Credential Harvesting",
    "AML.T0099": "AI Agent Tool Data Poisoning",
    "AML.T0100": "AI Agent Clickbait",
    "AML.T0101": "Data Destruction via AI Agent Tool Invocation",
    "AML.T0108": "AI Agent",
    "AML.T0110": "AI Agent Tool Poisoning",
}
OWASP: Mapping[str, str] = {
    "LLM01": "Prompt Injection",
    "LLM02": "Sensitive Information Disclosure",
    "LLM03": "Supply Chain",
    "LLM04": "Data and Model Poisoning",
    "LLM05": "Improper Output Handling",
    "LLM06": "Excessive Agency",
    "LLM07": "System Prompt Leakage",
    "LLM08": "Vector and Embedding Weaknesses",
    "LLM09": "Misinformation",
    "LLM10": "Unbounded Consumption",
}
KNOWN: Mapping[str, str] = {
    **{mode.value: "failure mode" for mode in FailureMode},
    "psf-ir": "the framework's incident response domain",
    **OWASP,
    **ATLAS,
}
SUGGESTED: Mapping[PlanCase, Sequence[str]] = {
    PlanCase.HARMFUL_OUTPUT: (FailureMode.OUTPUT.value, "psf-ir", "LLM09"),
    PlanCase.DATA_LEAKAGE: (FailureMode.DATA.value, "psf-ir", "LLM02", "AML.T0057"),
    PlanCase.MODEL_FAILURE: (FailureMode.DRIFT.value, "psf-ir"),
}


def unknown(tags: Iterable[str]) -> dict[str, str]:
    """Tags that no list has, each with what was probably meant."""
    return {tag: near(tag, KNOWN) for tag in tags if tag not in KNOWN}
