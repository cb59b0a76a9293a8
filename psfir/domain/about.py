"""How a lever, a probe or a capture describes itself: the one source for help, lint, permissions and scaffolds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from enum import StrEnum

from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.domain.values import frozen


class FieldType(StrEnum):
    """What may stand in one field of a `target:`, `set:` or `expect:` block."""

    TEXT = "text"
    WHOLE = "whole number"
    FLAG = "true or false"
    SPAN = "span of time"
    TEXTS = "list of texts"
    OBJECT = "mapping"
    POINTER = "JSON pointer"
    PATH = "path below a url"
    VALUES = "mapping by key or JSON pointer"
    ANY = "any value"


@frozen
class Field:
    """One field; `choices` closes a TEXT field, `fields` an OBJECT, `default` says what leaving it out means.

    `holds` is a text that should stand somewhere in it, unless the field beside it that `unless` names is given.
    """

    name: str
    type: FieldType
    line: str
    required: bool = True
    default: Json = None
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    holds: str = ""
    unless: str = ""


class Stops(StrEnum):
    """What a lever stops: work that has not begun, work that is under way, or both."""

    NEW = "new"
    IN_FLIGHT = "in_flight"
    BOTH = "both"


class Phase(StrEnum):
    """For what a credential is: to look, to kill (which looks too), or to put back (which looks too)."""

    READ = "read"
    KILL = "kill"
    RESTORE = "restore"


LOOKING = (Phase.READ, Phase.KILL, Phase.RESTORE)
WRITING = (Phase.KILL, Phase.RESTORE)
KILLING = (Phase.KILL,)
RESTORING = (Phase.RESTORE,)


def always(_settings: Mapping[str, Json]) -> bool:
    """Whatever a rung's `set:` says."""
    return True


@frozen
class Permission:
    """One right the credential needs. `resource` may hold `{field}` of the target, or `{set.field}`.

    Without a word about `phases` it is taken to be needed in all of them. `only` says where alone it is needed, or what
    is not known without it: then all else goes well without. `when` tells by a rung's settings whether it takes it.
    `of` is the field of the target without which nothing of it is needed, where `resource` does not name that.
    """

    system: str
    action: str
    resource: str
    phases: tuple[Phase, ...] = LOOKING
    only: str = ""
    when: Callable[[Mapping[str, Json]], bool] = always
    of: str = ""

    def to_json(self) -> dict[str, Json]:
        return {
            "system": self.system,
            "action": self.action,
            "resource": self.resource,
            "phases": [phase.value for phase in self.phases],
            "only": self.only,
        }


@frozen(kw_only=True)
class About:
    """Shared by all three: `connects` lists the connection kinds it works on, `target` leaves out `connection`.

    Of the target's fields that `one_of` names, exactly one has to be given.
    """

    name: str
    line: str
    connects: tuple[str, ...]
    target: tuple[Field, ...] = ()
    one_of: tuple[str, ...] = ()
    example: Mapping[str, Json] = field(default_factory=dict)


@frozen(kw_only=True)
class LeverAbout(About):
    """`example` is one rung that a test runs; `exact` says whether restore puts back all that apply changed."""

    modes: tuple[Mode, ...]
    stops: Stops
    settings: tuple[Field, ...]
    permissions: tuple[Permission, ...]
    blast_radius: str
    undo: str
    exact: bool
    vendor: str
    propagation: float = 0.0


@frozen(kw_only=True)
class ProbeAbout(About):
    """`expect` names what a probe can be told to find; `permissions` are for looking only."""

    expect: tuple[Field, ...]
    permissions: tuple[Permission, ...] = ()


@frozen(kw_only=True)
class CaptureAbout(About):
    """`keeps` says in one line what ends up in the evidence."""

    keeps: str
    permissions: tuple[Permission, ...] = ()


@frozen(kw_only=True)
class MessengerAbout(About):
    """`settings` are what a channel of psfir.yaml says for it; `finds` tells whether it can look for what it sent.

    `each` ones write to every recipient of a list by itself; the others post once. `longest` bounds the text.
    """

    settings: tuple[Field, ...] = ()
    finds: bool
    each: bool = False
    longest: int = 0
