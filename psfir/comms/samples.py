"""Made-up facts, with which a template can be read and checked before there is any incident."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.comms.fill import Filled, Value
from psfir.comms.template import FieldType, Source, Template, TemplateField
from psfir.domain.canon import Json
from psfir.domain.modes import Mode, PlanCase

WORDS: Mapping[str, str] = {
    "product": "the support assistant",
    "company": "Example Works",
    "contact": "support@example.com",
    "status_page": "https://status.example.com",
    "security_contact": "security@example.com",
    "privacy_contact": "privacy@example.com",
    "press_contact": "press@example.com",
    "vendor_contact": "vendors@example.com",
    "support_hours": "every day from 8 to 20",
}

_SAMPLE: Mapping[FieldType, Json] = {
    FieldType.LINE: "a line that somebody writes",
    FieldType.PARAGRAPH: "Some sentences that somebody writes. They are short.",
    FieldType.COUNT: "120",
    FieldType.INSTANT: "2026-11-21 14:05 UTC",
    FieldType.SPAN: "7 min",
    FieldType.LINK: "https://status.example.com",
    FieldType.LIST: ["one thing", "another thing"],
    FieldType.FLAG: True,
}


def filled(template: Template, words: Mapping[str, str], case: PlanCase) -> Filled:
    """The template with the workspace's own words, where it has them, and made-up facts for the rest."""
    lang = template.lang.partition("-")[0]
    values = {
        name: Value(_value(one, {**WORDS, **words}, lang, case), "sample") for name, one in template.fields.items()
    }
    return Filled(template, values)


def _value(one: TemplateField, words: Mapping[str, str], lang: str, case: PlanCase) -> Json:
    if one.source is Source.WORKSPACE:
        return words.get(f"{one.fact}_{lang}", words.get(one.fact, _SAMPLE[one.type]))
    if one.source is Source.CASE:
        return one.words[case.value]
    if one.source is Source.MODE:
        return one.words[Mode.DISABLE.value]
    if one.source is Source.ROW:
        return f"[[{one.name}]]"
    return _SAMPLE[one.type]
