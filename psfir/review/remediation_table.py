"""Items as a table for other programs, and a report as text for people: the same words wherever they are asked for."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO

from psfir.domain import instants
from psfir.domain.canon import Json
from psfir.review.rca import markdown as md
from psfir.review.remediation_item import RemediationItem, State
from psfir.review.remediation_views import Repeat, Report, age, evidence, late, to_json

COLUMNS = (
    *("ref", "title", "type", "priority", "factor", "owner", "verifier", "due", "state", "overdue", "days_late"),
    *("age_days", "verify", "verified_by", "evidence", "risk_until", "reopened", "tracker"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_text(items: Sequence[RemediationItem], at: datetime) -> str:
    """One row an item. A cell that a spreadsheet would calculate is text: it gets a quote before it."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in items:
        row = {**to_json(one, at), "evidence": " ".join(evidence(one))}
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def _cell(value: Json) -> str:
    text = str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def sentence(item: RemediationItem, at: datetime) -> str:
    """Where an item stands."""
    words = item.at(at).value.replace("_", " ")
    if item.run_out(at):
        words = f"open again: its risk was accepted until {item.until}"
    elif item.state is State.ACCEPTED:
        words += f" until {item.until}"
    elif item.reopened and not item.closed(at):
        words += ", opened again" if len(item.reopened) == 1 else f", opened again {len(item.reopened)} times"
    days = late(item, at)
    due = f"OVERDUE by {_days(days)}" if days else f"due {item.due.isoformat()}"
    return words if item.closed(at) else f"{words}, {due}"


def repeat_line(one: Repeat, at: datetime) -> str:
    """One factor that came back."""
    told = f" ({', '.join(one.key)})" if one.key else ""
    items = ", ".join(f"{item.ref} {item.at(at).value.replace('_', ' ')}" for item in one.items) or "no item"
    return f"{' and '.join(one.spots)}{told}: {items}"


def report_json(found: Report) -> dict[str, Json]:
    """The report as programs read it."""

    def counts(named: Mapping[str, tuple[int, int]]) -> dict[str, Json]:
        return {name: {"standing": stand, "overdue": overdue} for name, (stand, overdue) in named.items()}

    return {
        "at": instants.write(found.at),
        "total": found.total,
        "states": dict(found.states),
        "overdue": [to_json(one, found.at) for one in found.overdue],
        "risks_run_out": [one.ref for one in found.run_out],
        "repeats": [
            {"factors": list(one.spots), "key": list(one.key), "items": [item.ref for item in one.items]}
            for one in found.repeats
        ],
        "age_days": {"median": found.middle, "oldest": found.oldest},
        "owners": counts(found.owners),
        "systems": counts(found.systems),
    }


def report_markdown(found: Report) -> str:
    """The report as a page."""
    return "\n".join(_page(found)) + "\n"


def _page(found: Report) -> Iterator[str]:
    yield f"# Remediation, {md.at(found.at)} UTC"
    yield ""
    yield summary(found)
    yield ""
    yield md.table(("state", "items"), [(name.replace("_", " "), str(many)) for name, many in found.states.items()])
    if found.overdue:
        yield "\n## Overdue\n"
        yield md.table(("item", "what", "owner", "due", "age"), [_late_row(one, found.at) for one in found.overdue])
    for title, named in (("owner", found.owners), ("system", found.systems)):
        if named:
            yield f"\n## By {title}\n"
            rows = [(md.text(name), str(stand), str(overdue)) for name, (stand, overdue) in named.items()]
            yield md.table((title, "standing", "overdue"), rows)
    if found.repeats:
        yield "\n## Factors that came back\n"
        yield md.bullets(md.text(repeat_line(one, found.at)) for one in found.repeats)


def _late_row(one: RemediationItem, at: datetime) -> tuple[str, ...]:
    who = md.text(one.owner or "nobody")
    return f"`{one.ref}`", md.text(one.title), who, one.due.isoformat(), _days(age(one, at))


def summary(found: Report) -> str:
    """The numbers in a sentence or two."""
    standing = sum(stand for stand, _ in found.owners.values())
    words = f"{standing} of {found.total} items stand, {len(found.overdue)} of them overdue."
    if standing:
        words += f" Median age {_days(round(found.middle))}, oldest {_days(found.oldest)}."
    if found.run_out:
        refs = ", ".join(one.ref for one in found.run_out)
        words += f" Accepted risks that have run out, and are open again: {refs}."
    return words


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"
