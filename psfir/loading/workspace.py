"""psfir.yaml: people, connections, systems. And the overlay that re-points connections and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from psfir.domain.modes import Autonomy, Mode
from psfir.domain.people import DEFAULT_ROLES, Deed, Person, Team
from psfir.domain.system import Connection, System, Workspace
from psfir.loading.connections import CONNECTIONS
from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.problems import Problems
from psfir.loading.shapes import ID, Flag, Key, ListOf, MapOf, Record, Text, Words

_STORE = Text(r"(?!\w+://[^/]*@).+", "a path, or an address without a name or a password in it", private=True)
_ROLE = Text(r"[a-z][a-z0-9_]*", "the name of a role")

PERSON = Record(
    "person",
    (
        Key("name", Text(), "as people call them", required=True),
        Key("roles", ListOf(_ROLE), "what they may do: on_call, incident_commander, comms, ..."),
        Key("email", Text(), "where mail reaches them"),
        Key("slack", Text(), "their Slack member id"),
        Key(
            "ssh_keys", ListOf(Text(r"(ssh-|ecdsa-|sk-).+ .+", "an SSH public key")), "public keys that sign approvals"
        ),
    ),
)

SYSTEM = Record(
    "system",
    (
        Key("title", Text(), "what people call it", required=True),
        Key("owner", ID, "the person who answers for it", required=True),
        Key("autonomy", Words(Autonomy), "how far it acts by itself; default supervised"),
        Key("agentic", Flag(), "whether long work is in flight in it; default false"),
        Key("vendors", ListOf(Text()), "whose models and parts it uses"),
        Key("audiences", ListOf(Text()), "who sees what it does"),
        Key("runbooks", MapOf(ID, keys=Mode), "the runbook of each mode"),
        Key("labels", MapOf(Text()), "anything to select systems by"),
    ),
)

WORKSPACE = Record(
    "workspace",
    (
        schema_key("workspace"),
        Key("name", Text(), "the name of the team or company", required=True),
        Key("people", MapOf(PERSON), "everybody who may do more than look and kill", required=True),
        Key("roles", MapOf(ListOf(Words(Deed)), key=_ROLE), "what a role may do; replaces single default roles"),
        Key("connections", MapOf(CONNECTIONS), "where levers and probes reach the world", required=True),
        Key("systems", MapOf(SYSTEM), "what psfir can contain", required=True),
        Key("store", _STORE, "where the record is; default .psfir/record.sqlite3"),
    ),
)

OVERLAY = Record(
    "connection overlay",
    (schema_key("connections"), Key("connections", MapOf(CONNECTIONS), "the connections to re-point", required=True)),
)


def load_workspace(path: Path, *, overlay: Path | None = None) -> Workspace:
    """The workspace; ContentError with all problems of the file, and of the overlay, at once."""
    return read_workspace(path, overlay=overlay).get()  # type: ignore[no-any-return]  # built as one below


def read_workspace(path: Path, *, overlay: Path | None = None, shown: str = "") -> Loaded:
    """The same with the tree to point at."""
    loaded = load(path, "workspace", WORKSPACE, shown=shown)
    raw = loaded.value
    if raw is None:
        return loaded
    _references(loaded, raw)
    connections = {name: make(name) for name, make in raw["connections"].items()}
    if overlay is not None:
        connections |= _overlay(overlay, connections, loaded.problems)
    people = {key: Person(key, **value) for key, value in raw["people"].items()}
    roles = {**DEFAULT_ROLES, **{name: frozenset(deeds) for name, deeds in raw.get("roles", {}).items()}}
    systems = {key: System(key, **value) for key, value in raw["systems"].items()}
    loaded.value = Workspace(raw["name"], Team(people, roles), systems, connections, raw.get("store", ""))
    return loaded


def _references(loaded: Loaded, raw: Mapping[str, Any]) -> None:
    """Owners are people, and roles exist."""
    roles = {*DEFAULT_ROLES, *raw.get("roles", {})}
    for key, person in raw["people"].items():
        for index, role in enumerate(person.get("roles", ())):
            if role not in roles:
                node = loaded.root.at("people", key, "roles", index)
                sentence = f"there is no role {role!r}; {loaded.problems.near(role, roles)}"
                loaded.problems.add(node, sentence, rule="reference")
    for key, system in raw["systems"].items():
        if system["owner"] not in raw["people"]:
            node = loaded.root.at("systems", key, "owner")
            meant = loaded.problems.near(system["owner"], raw["people"])
            sentence = f"the owner {loaded.problems.shown(system['owner'])} is nobody under people; {meant}"
            loaded.problems.add(node, sentence, rule="reference")
    _keys(loaded, raw["people"])


def _keys(loaded: Loaded, people: Mapping[str, Any]) -> None:
    """One key is one person: with a shared one, somebody alone could say two people's yes."""
    holders: dict[str, str] = {}
    for key, person in people.items():
        for index, line in enumerate(person.get("ssh_keys", ())):
            holder = holders.setdefault(" ".join(line.split()[:2]), key)
            if holder != key:
                node = loaded.root.at("people", key, "ssh_keys", index)
                loaded.problems.add(node, f"this is {holder}'s key already: a key is one person's", rule="people")


def _overlay(path: Path, known: Mapping[str, Connection], problems: Problems) -> dict[str, Connection]:
    loaded = read_overlay(path)
    overlay: dict[str, Connection] = loaded.value or {}
    check_overlay(loaded, known)
    problems.found += loaded.problems.found
    return overlay


def read_overlay(path: Path, *, shown: str = "") -> Loaded:
    """The connections of an overlay by name."""
    loaded = load(path, "connections", OVERLAY, shown=shown)
    if loaded.value is not None:
        loaded.value = {name: make(name) for name, make in loaded.value["connections"].items()}
    return loaded


def check_overlay(loaded: Loaded, known: Mapping[str, Connection]) -> None:
    """An overlay re-points what psfir.yaml has, and adds nothing."""
    for name in loaded.value or {}:
        if name not in known:
            node = loaded.root.at("connections", name)
            meant = loaded.problems.near(name, known)
            sentence = f"psfir.yaml has no connection {name!r} to re-point; {meant}"
            loaded.problems.add(node, sentence, rule="reference")
