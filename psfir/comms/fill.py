"""Filling a template from the record, psfir.yaml and the failure mode; what is open then is asked of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psfir.comms import sandbox
from psfir.comms.facts import Fact
from psfir.comms.template import FieldType, Source, Template, TemplateField
from psfir.comms.values import checked
from psfir.domain.canon import Json
from psfir.domain.modes import Mode, PlanCase
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError


@frozen
class Known:
    """What can be said without asking anybody. A word of psfir.yaml may have another for one language: `product_de`.

    `rows` tells that an inventory is at hand.
    """

    facts: Mapping[str, Fact]
    words: Mapping[str, str]
    case: PlanCase | None = None
    mode: Mode | None = None
    lang: str = ""
    rows: bool = False


@frozen
class Value:
    """What fills a field, and where it comes from; `edited` if a person says something else than the record."""

    value: Json
    source: str
    edited: bool = False


@frozen
class Gap:
    """A field that nothing fills yet, and why."""

    field: TemplateField
    why: str
    askable: bool


@frozen
class Filled:
    """A template's fields with their values; `gaps` are required ones that are open."""

    template: Template
    values: Mapping[str, Value]
    gaps: tuple[Gap, ...] = ()

    @property
    def edited(self) -> bool:
        """Whether a person wrote anything that the template's whitelist does not have."""
        loose = {name for name, one in self.values.items() if one.edited}
        return bool(loose - set(self.template.whitelist))

    def text(self) -> tuple[str, str]:
        """Title and body; UsageError while there are gaps."""
        if self.gaps:
            names = ", ".join(gap.field.name for gap in self.gaps)
            raise UsageError(f"nothing fills {names}", todo="--set " + " --set ".join(_wanted(self.gaps)))
        values = {name: one.value for name, one in self.values.items()}
        title = " ".join(sandbox.render(self.template.title, values, longest=255).split())
        return title, sandbox.render(self.template.body, values)


def fill(template: Template, known: Known, said: Mapping[str, Json]) -> Filled:
    """`said` is what a person gives by name. A field that may not be edited is not theirs to say."""
    for name in said:
        if name not in template.fields:
            meant = near(name, template.fields)
            raise UsageError(f"{template.key} has no field {name!r}", todo=meant or "it has none to fill")
    values: dict[str, Value] = {}
    gaps: list[Gap] = []
    for name, one in template.fields.items():
        found = _said(one, said[name], known) if name in said else _from(one, known)
        if isinstance(found, Value):
            values[name] = found
        elif one.required:
            gaps.append(found)
        else:
            values[name] = Value(_NOTHING[one.type], "left out")
    return Filled(template, values, tuple(gaps))


_NOTHING: Mapping[FieldType, Json] = dict.fromkeys(FieldType, "") | {FieldType.LIST: [], FieldType.FLAG: False}


def _said(one: TemplateField, value: Json, known: Known) -> Value:
    ready = checked(one, value)
    if one.source is Source.PERSON:
        return Value(ready, "a person", edited=True)
    if one.source is Source.ROW:
        raise Refusal(f"{one.name} is filled for each recipient by the column {one.fact}")
    before = _from(one, known)
    if isinstance(before, Value) and before.value == ready:
        return before
    if not one.edit:
        has = f"says: {before.value}" if isinstance(before, Value) else f"does not support it: {before.why}"
        raise Refusal(
            f"{one.name} is not yours to say: it comes from the {one.source.value}, which {has}",
            todo="correct the record, or use a template in which it may be edited",
        )
    return Value(ready, "a person", edited=True)


def _from(one: TemplateField, known: Known) -> Value | Gap:
    return _SOURCES[one.source](one, known)


def _record(one: TemplateField, known: Known) -> Value | Gap:
    fact = known.facts[one.fact]
    if not fact.known:
        return Gap(one, fact.why, one.edit)
    return Value(checked(one, fact.value), fact.source)


def _workspace(one: TemplateField, known: Known) -> Value | Gap:
    for name in (f"{one.fact}_{known.lang}", one.fact):
        if name in known.words:
            return Value(checked(one, known.words[name]), "psfir.yaml")
    return Gap(one, f"psfir.yaml's comms.facts does not say {one.fact}", one.edit)


def _case(one: TemplateField, known: Known) -> Value | Gap:
    if known.case is None:
        return Gap(one, "the incident's record does not say which failure it is: --case", one.edit)
    return Value(one.words[known.case.value], f"the failure: {known.case.value}")


def _mode(one: TemplateField, known: Known) -> Value | Gap:
    if known.mode is None:
        return Gap(one, "no containment is proven", one.edit)
    return Value(one.words[known.mode.value], f"the containment: {known.mode.value}")


def _person(one: TemplateField, _: Known) -> Value | Gap:
    return Gap(one, "only a person knows", askable=True)


def _row(one: TemplateField, known: Known) -> Value | Gap:
    if not known.rows:
        return Gap(one, f"each row's {one.fact} fills it: --inventory FILE", askable=False)
    return Value(f"[[{one.name}]]", f"each row's {one.fact}")


_SOURCES: Mapping[Source, Callable[[TemplateField, Known], Value | Gap]] = {
    Source.RECORD: _record,
    Source.WORKSPACE: _workspace,
    Source.CASE: _case,
    Source.MODE: _mode,
    Source.PERSON: _person,
    Source.ROW: _row,
}


def _wanted(gaps: tuple[Gap, ...]) -> list[str]:
    return [f"{gap.field.name}=..." for gap in gaps]
