"""psfir.yaml: people, connections, systems. And the overlay that re-points connections and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from psfir.domain.catalog import Kinds
from psfir.domain.modes import Autonomy, Mode
from psfir.domain.people import DEFAULT_ROLES, Deed, Person, Team
from psfir.domain.system import Connection, System, Workspace
from psfir.loading.comms_block import COMMS, check_comms, comms_of
from psfir.loading.connection_kinds import PROGRAM
from psfir.loading.connections import AnyKind
from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.problems import Problems
from psfir.loading.review_block import REVIEW, check_review, review_of
from psfir.loading.rules_references import check_overlay, look_up
from psfir.loading.shapes import BAD, ID, Flag, Key, ListOf, MapOf, Record, Text, Words
from psfir.loading.slack_block import SLACK, check_slack, slack_of

STORE = Text(
    r"(?!\w+://[^/@:]*:(?!\$\{\w+\}@)[^/]*@)(?!.*[?&](ssl)?password=(?!\$\{\w+\}(&|$))).+",
    "a path, or an address without a password in it: write ${NAME} where it belongs, and set NAME",
    private=True,
)
_ROLE = Text(r"[a-z][a-z0-9_]*", "the name of a role")
_SSH_KEY = Text(r"(ssh-|ecdsa-|sk-).+ .+", "an SSH public key")

PERSON = Record(
    "person",
    (
        Key("name", Text(), "as people call them", required=True),
        Key("roles", ListOf(_ROLE), "what they may do: on_call, incident_commander, comms, ..."),
        Key("email", Text(), "where mail reaches them"),
        Key("slack", Text(), "their Slack member id"),
        Key("ssh_keys", ListOf(_SSH_KEY), "public keys that sign approvals"),
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

COMMANDS = Record(
    "commands block",
    (Key("allow", ListOf(PROGRAM), "the programs that connections of kind command may run", required=True),),
)

WORKSPACE = Record(
    "workspace",
    (
        schema_key("workspace"),
        Key("name", Text(), "the name of the team or company", required=True),
        Key("people", MapOf(PERSON), "everybody who may do more than look and kill", required=True),
        Key("roles", MapOf(ListOf(Words(Deed)), key=_ROLE), "what a role may do; replaces single default roles"),
        Key("connections", MapOf(AnyKind()), "where levers and probes reach the world", required=True),
        Key("systems", MapOf(SYSTEM), "what psfir can contain", required=True),
        Key("commands", COMMANDS, "which programs may be run at all; default none"),
        Key("runners", ListOf(ID), "networks from inside of which alone some rungs can be pulled; default none"),
        Key("comms", COMMS, "how people are told: facts, channels, lists, whose yes"),
        Key("review", REVIEW, "calendars, when an analysis falls due, how long records stay, what duties may run"),
        Key("slack", SLACK, "the Slack app: its connection, its home channel, the app of drills"),
        Key("store", STORE, "where the record is, a file or postgresql://…; default .psfir/record.sqlite3"),
    ),
)

OVERLAY = Record(
    "connection overlay",
    (schema_key("connections"), Key("connections", MapOf(AnyKind()), "the connections to re-point", required=True)),
)


def load_workspace(path: Path, *, overlay: Path | None = None, kinds: Kinds | None = None) -> Workspace:
    """The workspace; ContentError with all problems of the file, and of the overlay, at once.

    `kinds` are the kinds of connections that others bring.
    """
    return read_workspace(path, overlay=overlay, kinds=kinds).get()  # type: ignore[no-any-return]  # built as one below


def read_workspace(path: Path, *, overlay: Path | None = None, shown: str = "", kinds: Kinds | None = None) -> Loaded:
    """The same with the tree to point at."""
    loaded = load(path, "workspace", with_kinds(WORKSPACE, kinds), shown=shown)
    _people(loaded)
    _owners(loaded)
    check_comms(loaded, _roles(loaded))
    check_review(loaded)
    check_slack(loaded)
    laid_over = _overlay(overlay, loaded, kinds) if overlay is not None else {}
    raw = loaded.value
    if raw is None:
        return loaded
    connections = {name: make(name) for name, make in raw["connections"].items()} | laid_over
    people = {key: Person(key, **value) for key, value in raw["people"].items()}
    roles = {**DEFAULT_ROLES, **{name: frozenset(deeds) for name, deeds in raw.get("roles", {}).items()}}
    systems = {key: System(key, **value) for key, value in raw["systems"].items()}
    programs = raw.get("commands", {}).get("allow", ())
    loaded.value = Workspace(
        name=raw["name"],
        team=Team(people, roles),
        systems=systems,
        connections=connections,
        store=raw.get("store", ""),
        programs=programs,
        runners=raw.get("runners", ()),
        comms=comms_of(raw.get("comms", {})),
        review=review_of(raw.get("review", {})),
        slack=slack_of(raw.get("slack")),
    )
    return loaded


def _people(loaded: Loaded) -> None:
    """Roles exist. One key is one person: with a shared one, somebody alone could say two people's yes."""
    known = _roles(loaded)
    holders: dict[str, str] = {}
    for key, person in (loaded.root.names("people") or {}).items():
        for role in person.each("roles"):
            look_up(loaded, role, known, "there is no role {}", shape=_ROLE)
        for line in person.each("ssh_keys"):
            holder = holders.setdefault(" ".join(line.text.split()[:2]), key)
            if holder != key and _SSH_KEY.check(line, Problems("")) is not BAD:
                loaded.problems.add(line, f"this is {holder}'s key already: a key is one person's", rule="people")


def _roles(loaded: Loaded) -> list[str] | None:
    """Every role there is; None where some stand there in no mapping, and cannot be told from slips."""
    said = loaded.root.names("roles")
    return None if said is None and loaded.root.get("roles") else [*DEFAULT_ROLES, *(said or ())]


def _owners(loaded: Loaded) -> None:
    people = loaded.root.names("people")
    for system in (loaded.root.names("systems") or {}).values():
        look_up(loaded, system.get("owner"), people, "the owner {} is nobody under people")


def with_kinds(shape: Record, kinds: Kinds | None) -> Record:
    """A shape; the connections in it, if there are any, may be of these further kinds too."""
    if kinds is None:
        return shape
    keys = (replace(key, shape=MapOf(AnyKind(kinds))) if key.name == "connections" else key for key in shape.keys)
    return Record(shape.name, tuple(keys), shape.build)


def _overlay(path: Path, words: Loaded, kinds: Kinds | None) -> dict[str, Connection]:
    loaded = read_overlay(path, kinds=kinds)
    check_overlay(loaded, words.root)
    words.problems.found += loaded.problems.found
    return loaded.value or {}


def read_overlay(path: Path, *, shown: str = "", kinds: Kinds | None = None) -> Loaded:
    """The connections of an overlay by name."""
    loaded = load(path, "connections", with_kinds(OVERLAY, kinds), shown=shown)
    if loaded.value is not None:
        loaded.value = {name: make(name) for name, make in loaded.value["connections"].items()}
    return loaded
