"""Questions that help to find contributing factors, by what failed. They ask how, never who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PROMPTS: Mapping[str, Sequence[str]] = {
    "all": (
        "What changed in the weeks before: model, prompt, configuration, index, tools, traffic, people on call?",
        "Which evaluation, monitor or guardrail should have caught it, and why did it not?",
        "How was it found, and what would have halved that time?",
        "What made it worse, or last longer? What made it better? Where did we get lucky?",
        "Which rung held, which did not, and which was missing?",
        "Which answers, actions and commitments are still with customers?",
    ),
    "harmful_output": (
        "Which input led there: a customer's, an instruction that came in with a document, or none in particular?",
        "In how many of how many tries does it happen again, with which settings?",
        "What was the model allowed to promise, and who had decided that?",
    ),
    "data_leakage": (
        "Whose data could the feature reach, and for which of its work did it need that?",
        "Where was the border between tenants drawn: in the prompt, in retrieval, or in the credentials?",
        "What was logged or kept elsewhere that still holds it?",
    ),
    "model_failure": (
        "What did the vendor change, when was that known, and by whom could it be known?",
        "Which version was pinned, and what checks a new one before it serves?",
        "What does the feature do when the model does not answer, or answers worse?",
    ),
}
