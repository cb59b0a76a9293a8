"""A system psfir can contain, and the connections through which its levers and probes reach the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from psfir.domain.canon import Json
from psfir.domain.channels import Comms
from psfir.domain.chat import ChatApp
from psfir.domain.duties import Review
from psfir.domain.modes import Autonomy, Mode
from psfir.domain.people import Team
from psfir.domain.values import frozen


@frozen
class Connection:
    """Where something is and where its secrets are, never a secret: `secrets` maps a field to, say, `env:NAME`.

    `files` are the settings that name a file, from the folder of psfir.yaml.
    """

    name: str
    kind: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    vendor: str = ""
    network: str = ""
    files: tuple[str, ...] = ()


@frozen
class System:
    """A production AI feature. `runbooks` names the runbook of a mode; `agentic` ones have long work in flight."""

    id: str
    title: str
    owner: str
    autonomy: Autonomy = Autonomy.SUPERVISED
    agentic: bool = False
    vendors: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    runbooks: Mapping[Mode, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@frozen
class Workspace:
    """What psfir.yaml says, with any connection overlay already laid over it. `programs` are those that may be run."""

    name: str
    team: Team
    systems: Mapping[str, System]
    connections: Mapping[str, Connection]
    store: str = ""
    programs: tuple[str, ...] = ()
    runners: tuple[str, ...] = ()
    comms: Comms = field(default_factory=Comms)
    review: Review = field(default_factory=Review)
    slack: ChatApp | None = None
