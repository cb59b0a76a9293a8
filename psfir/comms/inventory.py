"""An inventory of what is already in customers' hands: a row each, by which a correction is filled.

It is personal data: no sentence repeats any of it, and nothing of it but its count and its digest reaches the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from psfir.comms.inventory_files import Line, lines
from psfir.comms.recipients import SHOWN, Recipient, is_address
from psfir.comms.template import FieldType, Source, TemplateField
from psfir.comms.values import checked
from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import ContentError, Problem, UsageError


@frozen
class Inventory:
    """Where it lies in the workspace, which column holds the address, how many rows it may have, what it fills."""

    file: str
    column: str
    most: int
    fields: tuple[TemplateField, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """What a draft remembers, so that a template that is altered later fills nothing differently."""
        fields: list[Json] = [
            {
                "name": one.name,
                "type": one.type.value,
                "fact": one.fact,
                "required": one.required,
                "longest": one.longest,
            }
            for one in self.fields
        ]
        return {"file": self.file, "column": self.column, "most": self.most, "fields": fields}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Inventory:
        return cls(data["file"], data["column"], data["most"], tuple(map(_field, data["fields"])))

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that must be there."""
        return tuple(dict.fromkeys((self.column, *(one.fact for one in self.fields if one.required))))


def _field(one: Mapping[str, Any]) -> TemplateField:
    return TemplateField(**{**one, "type": FieldType(one["type"])}, source=Source.ROW, line=f"the column {one['fact']}")


def nothing_known(_: str) -> bool:
    """Where no secret is in reach."""
    return False


def rows(inventory: Inventory, root: Path, *, secret: Callable[[str], bool] = nothing_known) -> Iterator[Recipient]:
    """Each address with what fills its slots, in order; ContentError with the line of every bad row, at the end.

    A row that is there twice counts once. Two different rows for one address are told: nobody gets two mails.
    """
    problems: list[Problem] = []
    seen: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(lines(inventory.file, root, inventory.columns), 1):
        if number > inventory.most:
            sentence = f"has more than {inventory.most} rows"
            todo = "send it in parts, or say comms.inventory.most in psfir.yaml"
            raise ContentError([Problem(inventory.file, line.number, 1, sentence, "inventory")], todo=todo)
        address, fills, wrong = _row(line, inventory, secret)
        whole = hash(tuple(fills.values()))
        before = seen.get(address.lower())
        seen.setdefault(address.lower(), (line.number, whole))
        if before and not wrong:
            if before[1] == whole:
                continue
            wrong = [f"is for the same address as line {before[0]}: put both into one row, for nobody gets two"]
        if wrong:
            problems += [Problem(inventory.file, line.number, 1, one, "inventory") for one in wrong]
        elif not problems:
            yield Recipient(line.number, address, fills)
    if problems:
        bad = len({one.line for one in problems})
        these = "1 row" if bad == 1 else f"{bad} rows"
        raise ContentError(sorted(problems)[:SHOWN], todo=f"put {these} right: nothing was sent")
    if not seen:
        raise ContentError([Problem(inventory.file, 0, 0, "has no rows", "inventory")])


def _row(line: Line, inventory: Inventory, secret: Callable[[str], bool]) -> tuple[str, dict[str, str], list[str]]:
    """Its address, what fills its slots, and all that is wrong with it."""
    wrong = [line.wrong] if line.wrong else []
    found = line.cells.get(inventory.column)
    address = found.strip() if isinstance(found, str) else ""
    if not wrong and not is_address(address):
        wrong.append(f"its {inventory.column} is no address that mail can be sent to")
    fills: dict[str, str] = {}
    for one in inventory.fields if not line.wrong else ():
        try:
            fills[one.name] = _cell(one, line.cells.get(one.fact))
        except UsageError as error:
            wrong.append(f"{error.what} ({error.todo})" if error.todo else error.what)
            continue
        if secret(fills[one.name]):
            wrong.append(f"the field {one.name} holds a secret of this workspace")
    return address, fills, wrong


def _cell(one: TemplateField, value: Json) -> str:
    """A number of a JSON file is taken as it is written."""
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not one.required and (text is None or (isinstance(text, str) and not text.strip())):
        return ""
    return str(checked(one, text))
