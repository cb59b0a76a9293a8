"""What the stand-in for a status page holds: pages, components, incidents with their updates, and who was notified.

It notifies unless it is told not to, as the vendor does: a drill that reached it would be seen in `notified`.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import RLock
from typing import Any, TypeAlias

from psfir.range.copies import copied
from psfir.range.statuspage.refusal import Refused

Plain: TypeAlias = dict[str, Any]

STATUSES = ("investigating", "identified", "monitoring", "resolved")
IMPACTS = ("none", "minor", "major", "critical", "maintenance")
STATES = ("operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance")
LONGEST_NAME, LONGEST_BODY = 255, 25_000
SHORTLINK = "https://stspg.example/"


class Estate:
    """`writes` counts the requests that posted something."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:  # noqa: TID251 - it stands for a world with a clock
        self.lock = RLock()
        self.now = now
        self.writes = 0
        self.keys: set[str] = set()
        self.pages: dict[str, list[Plain]] = {}
        self.components: dict[str, Plain] = {}
        self.notified: list[Plain] = []
        self._numbers = itertools.count(1)

    def add_key(self, key: str = "") -> str:
        found = key or self._name("key")
        self.keys.add(found)
        return found

    def add_page(self) -> str:
        page = self._name("page")
        self.pages[page] = []
        return page

    def add_component(self, page: str, name: str) -> str:
        component = self._name("part")
        self.components[component] = {"id": component, "page_id": page, "name": name, "status": "operational"}
        return component

    def incidents(self, page: str) -> list[Plain]:
        """The newest first."""
        if page not in self.pages:
            raise Refused(404, "Not found")
        return self.pages[page]

    def incident(self, page: str, name: str) -> Plain:
        for one in self.incidents(page):
            if one["id"] == name:
                return one
        raise Refused(404, "Not found")

    def create(self, page: str, said: Mapping[str, Any]) -> Plain:
        incidents = self.incidents(page)
        if not said.get("name"):
            raise Refused(422, "Name can't be blank")
        _check(said)
        name = self._name("case")
        incident: Plain = {
            "id": name,
            "page_id": page,
            "created_at": self._time(),
            "resolved_at": None,
            "status": "investigating",
            "impact": "none",
            "metadata": {},
            "shortlink": f"{SHORTLINK}{name}",
            "incident_updates": [],
        }
        self._post(incident, said)
        incidents.insert(0, incident)
        return incident

    def update(self, page: str, name: str, said: Mapping[str, Any]) -> Plain:
        incident = self.incident(page, name)
        _check(said)
        self._post(incident, said)
        return incident

    def _post(self, incident: Plain, said: Mapping[str, Any]) -> None:
        states = self._states(incident["page_id"], said)
        incident["name"] = said.get("name", incident.get("name"))
        incident["status"] = said.get("status", incident["status"])
        incident["impact"] = said.get("impact_override", incident["impact"])
        # Metadata is taken as it is said: whoever leaves some out has taken it away.
        incident["metadata"] = copied(said.get("metadata", incident["metadata"]))
        if incident["status"] == "resolved":
            incident["resolved_at"] = self._time()
        for component, state in states.items():
            self.components[component]["status"] = state
        notify = said.get("deliver_notifications", True) is not False
        update = {
            "id": self._name("post"),
            "incident_id": incident["id"],
            "status": incident["status"],
            "body": said.get("body", ""),
            "deliver_notifications": notify,
            "affected_components": [{"code": name, "new_status": state} for name, state in states.items()],
            "created_at": self._time(),
        }
        incident["incident_updates"].insert(0, update)
        if notify:
            self.notified.append(update)
        self.writes += 1

    def _states(self, page: str, said: Mapping[str, Any]) -> Mapping[str, str]:
        states = said.get("components") or {}
        for name in (*states, *(said.get("component_ids") or ())):
            if self.components.get(name, {}).get("page_id") != page:
                raise Refused(422, f"Component {name} is not one of this page")
        for state in states.values():
            if state not in STATES:
                raise Refused(422, f"Component status {state} is not included in the list")
        return dict(states)

    def _name(self, word: str) -> str:
        return f"{word}{next(self._numbers):08}"

    def _time(self) -> str:
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check(said: Mapping[str, Any]) -> None:
    problems = []
    if len(str(said.get("name", ""))) > LONGEST_NAME:
        problems.append(f"Name is too long (maximum is {LONGEST_NAME} characters)")
    if len(str(said.get("body", ""))) > LONGEST_BODY:
        problems.append(f"Body is too long (maximum is {LONGEST_BODY} characters)")
    if said.get("status", STATUSES[0]) not in STATUSES:
        problems.append("Status is not included in the list")
    if said.get("impact_override", IMPACTS[0]) not in IMPACTS:
        problems.append("Impact override is not included in the list")
    metadata = said.get("metadata", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, dict) for value in metadata.values()):
        problems.append("Metadata top-level values must be objects")
    if problems:
        raise Refused(422, *problems)
