"""The workspace of a drill: a copy in which nothing live can be reached, whatever the environment or its files say.

Who opens it has joined the drill, and who has joined opens nothing else: a shell is in the one world or the other.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from psfir.domain.channels import Channel
from psfir.domain.message import Audience
from psfir.domain.system import Connection, Workspace
from psfir.domain.values import frozen, remade
from psfir.errors import RecordError, Refusal

DRILL = "PSFIR_DRILL"
"""The workspace of the drill that a shell has joined."""
BANNER = "PSFIR_DRILL_BANNER"
MARK = Path(".psfir") / "exercise.json"
OVERLAY = Path(".psfir") / "range" / "connections.yaml"
SENT = Path(".psfir") / "sent"
NOWHERE = "the folder of the drill"
"""The network of what only messages go over: there is nothing to be reached."""
_MEMORY = "memory"
_KINDS = ("smtp", "statuspage", "slack", "folder")


@frozen
class Home:
    """A drill's workspace. `levers` is whether there are any: those of the range, never live ones."""

    root: Path
    run: str
    banner: str
    levers: bool

    @property
    def overlay(self) -> Path | None:
        path = self.root / OVERLAY
        return path if self.levers and path.is_file() else None

    @property
    def sent(self) -> Path:
        """Where messages go: there is no other way out."""
        return self.root / SENT

    def write(self) -> None:
        said = {"run": self.run, "banner": self.banner, "levers": self.levers}
        (self.root / MARK).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.root / MARK).write_text(json.dumps(said), encoding="utf-8")


def home_of(root: Path) -> Home | None:
    """None for an ordinary workspace. RecordError for a mark that cannot be read: it may be a drill's."""
    path = root / MARK
    if not path.exists():
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Home(root.resolve(), str(said["run"]), str(said["banner"]), levers=bool(said["levers"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(f"cannot be read: {type(error).__name__}", where=str(path)) from None


def joined(env: Mapping[str, str]) -> Path | None:
    """The workspace of the drill that this shell is in, if it is in any."""
    return Path(env[DRILL]).resolve() if env.get(DRILL) else None


def stay(root: Path, env: Mapping[str, str]) -> None:
    """Refusal for a shell in a drill that means another workspace."""
    inside = joined(env)
    if inside is not None and inside != root.resolve():
        todo = f"work in it ({inside}), or leave it: unset {DRILL} PSFIR_WORKSPACE"
        raise Refusal(f"this shell is in a drill, and {root} is not its workspace", todo=todo)


def held_apart(root: Path, env: Mapping[str, str]) -> Home | None:
    """The drill that this workspace is of. Refusal where a shell in a drill means another one, and the reverse."""
    stay(root, env)
    home = home_of(root)
    if home is not None and joined(env) is None:
        todo = f'eval "$(psfir drill join {home.run} --role ROLE --name YOU --env)"'
        raise Refusal(f"{root} is the workspace of the drill {home.run}, which this shell has not joined", todo=todo)
    return home


def confined(words: Workspace, home: Home, overlaid: Collection[str]) -> Workspace:
    """With the drill's own record, and with no connection but those that the range laid over, and the copied estate.

    Messages leave by channels as they do in earnest, and all of them into the folder of the drill: what a channel goes
    over is a kind and a name, without an address or a secret. Its list stays behind, for it is of real people.
    """
    kept = {name: one for name, one in words.connections.items() if name in overlaid or _own(one, home)}
    hollow, channels = _ways_out(words)
    connections = {**hollow, **(kept if home.levers else {})}
    return remade(words, connections=connections, comms=remade(words.comms, channels=channels), store="")


def _ways_out(words: Workspace) -> tuple[dict[str, Connection], dict[str, Channel]]:
    """The workspace's own channels, and one of each kind to whomever no channel of that kind leads."""
    channels = {name: remade(one, list="") for name, one in words.comms.channels.items()}
    hollow = {
        one.connection: _hollow(one.connection, words.connections[one.connection].kind) for one in channels.values()
    }
    for kind in _KINDS:
        led = {to for one in channels.values() if hollow[one.connection].kind == kind for to in one.audiences}
        name = f"drill-{kind}"
        if others := tuple(to for to in Audience if to not in led):
            hollow[name] = _hollow(name, kind)
            channels[name] = Channel(name, name, others)
    return hollow, channels


def _hollow(name: str, kind: str) -> Connection:
    return Connection(name, kind, network=NOWHERE)


def _own(one: Connection, home: Home) -> bool:
    """A tiny estate whose file lies in the copy."""
    paths = [(home.root / str(one.settings.get(name, ""))).resolve() for name in one.files]
    return one.kind == _MEMORY and bool(paths) and all(home.root in path.parents for path in paths)
