"""A workspace of a company that said what it is by law, with somebody who may speak for it."""

from __future__ import annotations

from pathlib import Path

from psfir.app.session import Session
from tests.app.incident_kit import NOW, StandingClock, at_work, lay_out

LEGAL = """\
  emma: {name: Emma, roles: [legal]}
review:
  calendars: {berlin: {country: DE, subdivision: BE, zone: Europe/Berlin}}
  calendar: berlin
  legal:
    roles: [controller, financial_entity, provider]
    data: [personal]
    jurisdictions: [eu]
    high_risk: false
    systems: {search: {high_risk: true}}
"""
EMMA = "  emma: {name: Emma, roles: [legal]}\n"


def with_legal(root: Path) -> Path:
    """psfir.yaml of the kit, with emma and the block."""
    path = lay_out(root) / "psfir.yaml"
    people, rest = path.read_text().split("connections:")
    path.write_text(people + EMMA + "connections:" + rest + LEGAL.removeprefix(EMMA))
    return root


def emma(root: Path, clock: StandingClock | None = None) -> Session:
    return at_work(root, "emma", clock=clock or StandingClock(NOW))
