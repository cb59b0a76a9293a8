"""How a lever, a probe or a capture describes itself: the one source for help, lint, permissions and scaffolds."""

from __future__ import annotations

from collections.abc import Mapping
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


@frozen
class Permission:
    """One right the credential needs. `resource` may hold `{field}` of the target."""

    system: str
    action: str
    resource: str


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
