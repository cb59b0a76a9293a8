"""A template: text for one audience, phase and language, with declared fields that say where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from psfir.domain.canon import Json
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import PlanCase, Severity
from psfir.domain.values import frozen


class Source(StrEnum):
    """Where a field's value comes from.

    The record, psfir.yaml, the failure mode, the mode of the containment, a person, or each recipient's row.
    """

    RECORD = "record"
    WORKSPACE = "workspace"
    CASE = "case"
    MODE = "mode"
    PERSON = "person"
    ROW = "row"


class FieldType(StrEnum):
    """What may fill a field. A line is one line, a paragraph several; a count needs its `as of` in the text."""

    LINE = "line"
    PARAGRAPH = "paragraph"
    COUNT = "count"
    INSTANT = "instant"
    SPAN = "span"
    LINK = "link"
    LIST = "list"
    FLAG = "flag"


@frozen
class TemplateField:
    """One name that the text may use.

    `fact` names what the record or psfir.yaml says of it, or the column of the inventory; `words` has a text for each
    failure mode or mode. With `edit` a person may say something else than what was filled in; the message then counts
    as edited unless the template's whitelist has it. A `redact` one is kept out of every view but the message itself.
    """

    name: str
    type: FieldType
    source: Source
    line: str
    fact: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    required: bool = True
    edit: bool = False
    redact: bool = False
    longest: int = 500


@frozen
class Template:
    """`title` and `body` are Jinja; `digest` is of the whole file's canonical text, so that any change voids a yes.

    `languages` are those it must exist in. `whitelist` names the fields that a person may fill without comms and legal.
    """

    id: str
    audience: Audience
    phase: Phase
    lang: str
    channel: str
    title: str
    body: str
    author: str
    digest: str
    variant: str = ""
    covers: tuple[PlanCase, ...] = ()
    severity: Severity = Severity.SEV4
    fields: Mapping[str, TemplateField] = field(default_factory=dict)
    whitelist: tuple[str, ...] = ()
    cadence: float | None = None
    languages: tuple[str, ...] = ()
    provider: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    draft_only: bool = False
    file: str = ""

    @property
    def key(self) -> str:
        """What an approval names: the same template in another language needs its own."""
        return f"{self.id}.{self.lang}"

    @property
    def cell(self) -> tuple[Audience, Phase]:
        return self.audience, self.phase

    @property
    def slots(self) -> tuple[str, ...]:
        """Fields that each recipient's row of an inventory fills."""
        return tuple(name for name, one in self.fields.items() if one.source is Source.ROW)
