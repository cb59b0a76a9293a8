"""One opened workspace: what psfir.yaml says, the record, who is at work, and every real part the deeds are given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field
from functools import cached_property
from pathlib import Path

from psfir.app.bind import Binder, Secrets, learn_at_hand
from psfir.app.catalog import InstalledCatalog, installed_catalog
from psfir.app.clock import RealClock
from psfir.app.drill_run_home import Home, confined, held_apart, joined
from psfir.app.exercise import ExercisePost
from psfir.app.folding import Incidents
from psfir.app.heart import Heart
from psfir.app.identity import Who, home_workspace, identify
from psfir.app.post import LivePost
from psfir.app.store import Opening, StoredJournal, open_store, record_folder
from psfir.app.told import ToldJournal
from psfir.contracts import Clock, Evidence, Leases, Post
from psfir.domain.canon import Json
from psfir.domain.entries import Draft, Entry
from psfir.domain.fold import extend, fold
from psfir.domain.incident import Incident
from psfir.domain.kinds import Kind
from psfir.domain.near import near
from psfir.domain.people import Actor, Deed, Team
from psfir.domain.scrub import Scrubber
from psfir.domain.system import Workspace
from psfir.domain.values import frozen
from psfir.errors import RecordError, Refusal, UsageError
from psfir.loading.content import find_workspace
from psfir.loading.workspace import load_workspace, read_overlay
from psfir.records.evidence import EvidenceFolder
from psfir.records.grouped import WAIT
from psfir.records.spool import SpoolingJournal, absorb

CONNECTIONS = "PSFIR_CONNECTIONS"
LEASE = 5.0

HURRY = 1.0
"""How long a kill waits for a record that others keep locked, before it spools."""


@frozen
class Door:
    """What a door tells a session: the environment, its channel's name, and where a loud word or a last line goes.

    Without `strangers` somebody psfir does not know may only look.
    """

    env: Mapping[str, str]
    channel: str = "cli"
    warn: Callable[[str], None] = field(default=lambda _: None)
    last_resort: Callable[[str], None] = field(default=lambda _: None)
    killing: bool = False
    strangers: bool = True


@frozen
class Session:
    """Everything a deed needs. `leases` is None while the record is away; `merged` are spools taken in on opening.

    `post` is all that messages can leave by: a rehearsal's is not the live one.
    """

    root: Path
    workspace: Workspace
    who: Who
    door: Door
    clock: Clock
    journal: ToldJournal
    leases: Leases | None
    evidence: Evidence
    catalog: InstalledCatalog
    scrubber: Scrubber
    post: Post
    merged: tuple[tuple[str, int], ...] = ()

    @property
    def actor(self) -> Actor:
        return self.who.actor

    @cached_property
    def binder(self) -> Binder:
        return Binder(self.workspace, self.root, self.door.env, self.catalog, self.scrubber)

    @cached_property
    def heart(self) -> Heart:
        return Heart(self.leases, warn=self.door.warn)

    def need(self, deed: Deed) -> None:
        """Refuse unless the person at work may do this."""
        team = self.workspace.team
        if not self.actor.known and not self.door.strangers:
            what = f"{self.who.unknown or 'you'}: nobody in psfir.yaml, so you can read and do nothing else"
            raise Refusal(what, todo="ask for your Slack member id to be added to your name in psfir.yaml")
        if team.may(self.actor, deed):
            return
        allowed = ", ".join(team.who_may(deed)) or "nobody in psfir.yaml"
        word = deed.value.replace("_", " ")
        if not self.actor.known:
            unknown = self.who.unknown
            named = f"{unknown!r} is not a person in psfir.yaml" if unknown else "psfir does not know you"
            raise Refusal(f"{named}, so you cannot {word}", todo=f"set PSFIR_ME to your id; allowed: {allowed}")
        raise Refusal(f"{self.actor.id} may not {word}", todo=f"allowed: {allowed}")

    def draft(self, incident: str, kind: Kind, data: Mapping[str, Json] | None = None) -> Draft:
        """An entry by this person through this door, now."""
        return Draft(self.clock.now(), incident, str(self.actor), self.door.channel, kind, data or {})

    def record(self, *drafts: Draft) -> list[Entry]:
        return self.journal.append(drafts)

    def incidents(self) -> list[Incident]:
        """All incidents, oldest first."""
        return Incidents(self.journal, warn=self.door.warn).further()

    @property
    def spooled(self) -> bool:
        """Whether the record went away, and entries wait beside it."""
        return isinstance(self.journal.inner, SpoolingJournal) and self.journal.inner.spooled

    def close(self) -> None:
        """Lets go of the record: for whoever opens many sessions in one process. A spool may be merged from then on."""
        close = getattr(self.journal.inner, "close", None)
        if close is not None:
            close()
        close = getattr(self.leases, "close", None)
        if close is not None:
            close()

    def further(self, known: Incident) -> Incident:
        """The same with what was recorded of it since."""
        for entry in self.journal.read(known.id, after=known.head):
            known = extend(known, entry)
        return known

    def incident(self, ref: str = "") -> Incident:
        """By id or the start or end of one; without a word, the only open one, else the newest."""
        named = list(self.journal.read(ref)) if ref.startswith("INC-") else []
        if named:
            return fold(named)
        incidents = self.incidents()
        matches = [i for i in incidents if i.id == ref] or [
            i for i in incidents if i.id.lower().startswith(ref.lower()) or i.id.lower().endswith(ref.lower())
        ]
        if not ref and incidents:
            matches = [i for i in incidents if i.open] or incidents[-1:]
        if len(matches) == 1:
            return matches[0]
        if not matches:
            known = ", ".join(i.id for i in incidents[-5:]) or "none yet"
            raise UsageError(f"there is no incident {ref or 'in this record'}", todo=f"newest: {known}")
        raise UsageError(
            f"{len(matches)} incidents could be meant by {ref or 'that'}", todo=", ".join(i.id for i in matches)
        )


def open_session(
    door: Door,
    *,
    start: Path | None = None,
    workspace: Path | None = None,
    who: Callable[[Team], Who] | None = None,
) -> Session:
    """Find and open a workspace. Spooled entries of earlier commands are merged first, unless this is a kill.

    `who` is at work where somebody else than the environment says so.
    """
    opening = opening_of(door, start=start, workspace=workspace)
    root, words, clock, scrubber = opening.root, opening.words, opening.clock, opening.scrubber
    learn_at_hand(words.connections.values(), Secrets(door.env, root, scrubber))
    folder = record_folder(root, words)
    journal, leases, merged = _open_record(opening, folder, door)
    catalog = installed_catalog()
    home = held_apart(root, door.env)
    return Session(
        root=root,
        workspace=words,
        who=who(words.team) if who else identify(words.team, door.env),
        door=door,
        clock=clock,
        journal=ToldJournal(journal, scrubber, warn=door.warn),
        leases=leases,
        evidence=EvidenceFolder(folder / "evidence"),
        catalog=catalog,
        scrubber=scrubber,
        post=ExercisePost(home.sent) if home else LivePost(words, root, door.env, catalog, scrubber),
        merged=merged,
    )


def opening_of(door: Door, *, start: Path | None = None, workspace: Path | None = None) -> Opening:
    """The workspace alone, with its record still closed."""
    root = _root(door, start=start, workspace=workspace)
    home = held_apart(root, door.env)
    overlay = home.overlay if home else _overlay(door.env)
    words = load_workspace(root / "psfir.yaml", overlay=overlay, kinds=installed_catalog())
    words = confined(words, home, _overlaid(home)) if home else words
    return Opening(root, words, door.env, RealClock(), Scrubber())


def _overlay(env: Mapping[str, str]) -> Path | None:
    """The file that re-points connections. Without it they would lead where nobody meant to go any more."""
    named = env.get(CONNECTIONS)
    if not named:
        return None
    if not Path(named).exists():
        todo = f'unset {CONNECTIONS}; after a range: eval "$(psfir range env --unset)"'
        raise UsageError(f"{CONNECTIONS} names {named}, which is not there", todo=todo)
    return Path(named)


def _overlaid(home: Home) -> Collection[str]:
    return read_overlay(home.overlay, kinds=installed_catalog()).get() if home.overlay else ()


def _root(door: Door, *, start: Path | None, workspace: Path | None) -> Path:
    said = door.env.get("PSFIR_WORKSPACE")
    named = workspace or joined(door.env) or (Path(said) if said else None)
    if named is not None:
        if (named / "psfir.yaml").is_file():
            return named.resolve()
        raise UsageError(f"{named} holds no psfir.yaml", todo="psfir init lays one out")
    found = find_workspace(start or Path.cwd()) or home_workspace(door.env)
    if found is None:
        raise UsageError(
            "no psfir.yaml here or in any folder above", todo="go into a workspace, say -w DIR, or run psfir init"
        )
    return found


_Record = tuple[SpoolingJournal | StoredJournal, Leases | None, tuple[tuple[str, int], ...]]


def _open_record(opening: Opening, folder: Path, door: Door) -> _Record:
    """The record itself; for a kill, one that spools when the record is away. Anything else stops instead."""
    spool = folder / "spool"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        journal, leases = open_store(opening, wait=HURRY if door.killing else WAIT)
    except (RecordError, OSError) as error:
        if not door.killing:
            raise error if isinstance(error, RecordError) else RecordError(str(error), where=str(folder)) from error
        door.warn(f"the record is away ({error}): entries are spooled, the kill goes on")
        return SpoolingJournal(None, spool, last_resort=door.last_resort), None, ()
    merged = _merge(spool, journal, door)
    if not door.killing:
        return journal, leases, merged
    return SpoolingJournal(journal, spool, last_resort=door.last_resort), leases, merged


def _merge(spool: Path, journal: StoredJournal, door: Door) -> tuple[tuple[str, int], ...]:
    """Entries of earlier commands that had no record; a kill does not wait for them to be mergeable."""
    try:
        merged = tuple(absorb(spool, journal))
    except RecordError as error:
        if not door.killing:
            raise
        door.warn(f"spooled entries could not be merged ({error}): the kill goes on")
        return ()
    for name, count in merged:
        door.warn(f"merged {count} entries spooled in {name} while the record was away")
    return merged


def systems_of(session: Session, ids: Iterable[str]) -> None:
    """Refuse ids that psfir.yaml does not have, with near misses."""
    for name in ids:
        if name not in session.workspace.systems:
            raise UsageError(f"psfir.yaml has no system {name!r}", todo=near(name, session.workspace.systems))
