"""What a runbook names becomes a part at work on its connection, or a sentence that says what does not fit."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from psfir.app.bind import Binder
from psfir.app.catalog import InstalledCatalog, installed_catalog
from psfir.contracts import BoundConnection, Captured, Lever
from psfir.domain.about import CaptureAbout, LeverAbout, ProbeAbout
from psfir.domain.canon import Json
from psfir.domain.change import Change, Result
from psfir.domain.modes import Mode
from psfir.domain.people import Team
from psfir.domain.runbook import CaptureUse, ProbeUse, Rung
from psfir.domain.scrub import Scrubber
from psfir.domain.system import Connection, Workspace
from psfir.errors import CatalogError, Denied, UsageError
from psfir.levers.memory.switch import Switch
from psfir.vendors.memory import Estate

SECRET = "hush-hush-4711"
TARGET: Mapping[str, Json] = {"connection": "estate", "switch": "flag"}
RUNG = Rung("memory.switch", TARGET, {"on": False}, 5.0)
CONNECTIONS = (
    Connection(
        "estate",
        "memory",
        {"path": ".psfir/estate.json"},
        {"token": "env:TOKEN", "key": "file:private/key"},
        files=("path",),
    ),
    Connection("gateway", "http", {"url": "https://gateway.example", "ca": "private/ca.pem"}, files=("ca",)),
    Connection("empty", "memory", {}),
    Connection("other", "memory", {"path": "other.json"}, files=("path",)),
)


class OneClass(InstalledCatalog):
    """A catalog of one lever and one capture, for parts that misbehave when they are made."""

    def __init__(self, made: type[Switch], capture: type | None = None) -> None:
        super().__init__([])
        self.made = made
        self.capture_made = capture

    def _load(self, group: str, name: str) -> type:
        return self.made if group == "levers" or self.capture_made is None else self.capture_made


def binder(
    root: Path,
    *,
    catalog: InstalledCatalog | None = None,
    env: Mapping[str, str] | None = None,
    scrubber: Scrubber | None = None,
) -> Binder:
    workspace = Workspace("test", Team({}), {}, {connection.name: connection for connection in CONNECTIONS})
    return Binder(workspace, root, env or {}, catalog or installed_catalog(), scrubber or Scrubber())


def estate(root: Path) -> Estate:
    return Estate.create(root / ".psfir" / "estate.json", {"flag": {"state": {"on": True}, "replicas": 2}})


def test_a_rung_is_pulled_on_its_connection(tmp_path: Path) -> None:
    """Lever, probe and capture reach the estate whose path psfir.yaml gives from its own folder."""
    world, bind = estate(tmp_path), binder(tmp_path)
    lever = bind.lever(RUNG)
    change = lever.plan(TARGET, lever.read(TARGET, within=1), Mode.DISABLE, RUNG.set)
    assert isinstance(change, Change)
    assert lever.apply(change, within=1).result is Result.CHANGED
    assert world.read("flag", within=1).state == {"on": False}
    probe = bind.probe(ProbeUse("off", "memory", TARGET, {"state": {"on": False}}))
    assert [sight.replica for sight in probe.look(TARGET, {"state": {"on": False}}, within=1)] == ["r1", "r2"]
    taken = bind.capture(CaptureUse("memory", TARGET)).take(TARGET, within=1)
    assert b'"on":false' in taken.content


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    """What planning is handed looks, reads and plans, and has neither apply nor restore, nor any other way on."""
    estate(tmp_path)
    reader = binder(tmp_path).reader(RUNG)
    reading = reader.read(TARGET, within=1)
    assert isinstance(reader.plan(TARGET, reading, Mode.DISABLE, RUNG.set), Change)
    assert reader.about.name == "memory.switch"
    assert {name for name in dir(reader) if not name.startswith("_")} == {"about", "check", "read", "plan"}


def test_one_instance_for_each_part_and_connection(tmp_path: Path) -> None:
    """Two rungs on one connection share a lever, and with it the vendor's client; another connection has its own."""
    bind = binder(tmp_path)
    assert bind.lever(RUNG) is bind.lever(Rung("memory.switch", {**TARGET, "switch": "b"}, {}, 1.0))
    assert bind.lever(RUNG) is not bind.lever(Rung("memory.switch", {**TARGET, "connection": "other"}, {}, 1.0))


def test_many_threads_get_the_same_one(tmp_path: Path) -> None:
    """Steps run side by side: eight that ask at once make one lever, not eight."""
    made: list[object] = []

    class Counted(Switch):
        def __init__(self, connection: BoundConnection) -> None:
            Event().wait(0.05)
            made.append(self)
            super().__init__(connection)

    bind, start = binder(tmp_path, catalog=OneClass(Counted)), Barrier(8)

    def ask(_: int) -> Lever:
        start.wait(5)
        return bind.lever(RUNG)

    with ThreadPoolExecutor(8) as pool:
        levers = set(pool.map(ask, range(8)))
    assert (len(made), len(levers)) == (1, 1)


def test_a_part_that_is_slow_to_make_holds_up_no_other(tmp_path: Path) -> None:
    """While one lever's SDK loads, the next rung's lever is there at once."""
    entered, release = Event(), Event()

    class Slow(Switch):
        def __init__(self, connection: BoundConnection) -> None:
            if connection.name == "other":
                entered.set()
                release.wait(10)
            super().__init__(connection)

    bind = binder(tmp_path, catalog=OneClass(Slow))
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(bind.lever, Rung("memory.switch", {"connection": "other", "switch": "a"}, {}, 1.0))
        entered.wait(5)
        assert bind.lever(RUNG) is bind.lever(RUNG)
        assert not slow.done()
        release.set()
        slow.result(5)


@pytest.mark.parametrize(
    ("target", "error", "says"),
    [
        (
            {"switch": "flag"},
            UsageError,
            "the lever memory.switch is told no connection.*has of these: empty, estate, other",
        ),
        ({"connection": "", "switch": "a"}, UsageError, "is told no connection"),
        ({"connection": "estat"}, UsageError, r"psfir.yaml has no connection 'estat' \(did you mean estate\?\)"),
        (
            {"connection": "gateway"},
            CatalogError,
            "gateway: it is of kind http.*works on kind memory.*empty, estate, other",
        ),
        ({"connection": "empty"}, CatalogError, "connection empty has no path"),
    ],
)
def test_what_does_not_fit_is_a_sentence(
    tmp_path: Path, target: Mapping[str, Json], error: type[Exception], says: str
) -> None:
    """No connection, an unknown one, one of another kind, one that is not filled in: what to do stands beside it."""
    with pytest.raises(error, match=says):
        binder(tmp_path).lever(Rung("memory.switch", target, {}, 1.0))


def test_unknown_parts_are_told_with_near_misses(tmp_path: Path) -> None:
    """Lever, probe and capture alike."""
    bind = binder(tmp_path)
    with pytest.raises(CatalogError, match=r"did you mean memory\.switch"):
        bind.reader(Rung("memory.swtch", TARGET, {}, 1.0))
    with pytest.raises(CatalogError, match="no probe 'memry'"):
        bind.probe(ProbeUse("x", "memry", TARGET, {}))
    with pytest.raises(CatalogError, match="no capture 'memry'"):
        bind.capture(CaptureUse("memry", TARGET))


def test_a_part_that_cannot_be_made_is_a_sentence_without_secrets(tmp_path: Path) -> None:
    """A third party's constructor may raise anything, with the secret in it: a CatalogError tells it."""

    class Clumsy(Switch):
        def __init__(self, connection: BoundConnection) -> None:
            raise KeyError(f"token {connection.secret('token')}")

    bind = binder(tmp_path, catalog=OneClass(Clumsy), env={"TOKEN": SECRET})
    with pytest.raises(
        CatalogError, match=r"lever memory\.switch cannot be set up on connection estate: KeyE"
    ) as raised:
        bind.lever(RUNG)
    assert SECRET not in str(raised.value)
    assert "[secret env:TOKEN]" in str(raised.value)


def test_a_part_that_failed_once_is_tried_again(tmp_path: Path) -> None:
    """A failure is not kept: once the secret is there the lever can be had."""

    class Needy(Switch):
        def __init__(self, connection: BoundConnection) -> None:
            connection.secret("key")
            super().__init__(connection)

    bind = binder(tmp_path, catalog=OneClass(Needy))
    with pytest.raises(Denied, match="file:private/key"):
        bind.lever(RUNG)
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "key").write_text(SECRET)
    assert bind.lever(RUNG).about.name == "memory.switch"


def test_secrets_are_looked_up_when_asked_for_and_known_from_then_on(tmp_path: Path) -> None:
    """Making a connection looks nothing up; a rotated secret is found; old and new are scrubbed."""
    env = {"TOKEN": SECRET}
    scrubber = Scrubber()
    bound = binder(tmp_path, env=env, scrubber=scrubber).connection("estate")
    assert scrubber.text(SECRET) == SECRET
    assert bound.secret("token") == SECRET
    env["TOKEN"] = "rotated-0815"
    assert bound.secret("token") == "rotated-0815"
    assert scrubber.text(f"{SECRET} rotated-0815") == "[secret env:TOKEN] [secret env:TOKEN]"
    assert bound.secret("password") is None
    assert dict(bound.refs) == {"token": "env:TOKEN", "key": "file:private/key"}


@pytest.mark.parametrize("value", ["", "abc", "contained"])
def test_a_secret_that_cannot_be_kept_out_is_denied(tmp_path: Path, value: str) -> None:
    """Empty, too short or one of psfir's own words: the sentence names everything but the value."""
    bound = binder(tmp_path, env={"TOKEN": value}).connection("estate")
    with pytest.raises(Denied, match="connection estate, token: the secret env:TOKEN is") as raised:
        bound.secret("token")
    assert raised.value.todo
    assert not value or f" {value} " not in str(raised.value)


def test_a_connection_shows_no_secret(tmp_path: Path) -> None:
    """Printed or formatted into an error it is its name and kind."""
    bound = binder(tmp_path, env={"TOKEN": SECRET}).connection("estate")
    bound.secret("token")
    assert f"{bound!r} {bound}" == "Bound('estate', 'memory') Bound('estate', 'memory')"
    assert SECRET not in str(vars(bound))


def test_settings_that_name_files_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are meant from the folder of psfir.yaml, wherever the command was typed; the rest stays as written."""
    monkeypatch.chdir("/")
    bind = binder(tmp_path)
    assert bind.connection("estate").settings == {"path": str(tmp_path / ".psfir/estate.json")}
    assert bind.connection("gateway").settings == {
        "url": "https://gateway.example",
        "ca": str(tmp_path / "private/ca.pem"),
    }
    assert CONNECTIONS[0].settings == {"path": ".psfir/estate.json"}


def test_evidence_holds_no_secret(tmp_path: Path) -> None:
    """A log that quotes the token is kept with the token's reference in its place."""

    class Log:
        about = CaptureAbout(name="log", line="x", connects=("memory",), keeps="x")

        def __init__(self, connection: BoundConnection) -> None:
            self.token = connection.secret("token")

        def take(self, target: Mapping[str, Json], *, within: float) -> Captured:
            return Captured("log", "text/plain", f"\xe9 Bearer {self.token} end".encode("latin-1"))

    bind = binder(tmp_path, catalog=OneClass(Switch, Log), env={"TOKEN": SECRET})
    capture = bind.capture(CaptureUse("log", TARGET))
    assert capture.about.name == "log"
    assert capture.take(TARGET, within=1).content == b"\xe9 Bearer [secret env:TOKEN] end"


def test_the_abouts_are_of_the_right_kind() -> None:
    """The catalog's three kinds stay apart, also where the names are the same."""
    catalog = installed_catalog()
    assert isinstance(catalog.lever("memory.switch"), LeverAbout)
    assert isinstance(catalog.probe("memory"), ProbeAbout)
    assert isinstance(catalog.capture("memory"), CaptureAbout)
