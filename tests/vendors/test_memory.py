"""The tiny estate fails the way vendors fail, and says truly what was asked of it."""

import fcntl
import json
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.errors import CatalogError, Declined, Drift, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.testing import FakeConnection
from psfir.testing.waiting import GRACE
from psfir.vendors.memory import Estate, estate_of

ON: dict[str, Json] = {"on": True, "model": "large"}
OFF: dict[str, Json] = {"on": False, "model": "large"}


class Hands:
    """Time that passes only in a wait, or when told."""

    def __init__(self, at: float = 1000.0) -> None:
        self.at = at

    def elapsed(self) -> float:
        return self.at

    def wait(self, event: Event, seconds: float) -> bool:
        self.at += seconds
        return event.is_set()


def estate(folder: Path, **about: Any) -> tuple[Estate, Hands]:
    hands = Hands()
    return Estate.create(folder / "estate.json", {"flag": {"state": ON, **about}}, clock=hands), hands


def test_a_write_is_seen_by_the_next_process(tmp_path: Path) -> None:
    """What one estate object wrote, another on the same file reads, with the next version."""
    first, _ = estate(tmp_path)
    first.write("flag", OFF, version=1, within=1)
    seen = Estate(tmp_path / "estate.json", clock=Hands()).read("flag", within=1)
    assert (seen.state, seen.version) == (OFF, 2)
    assert [one["became"] for one in first.writes("flag")] == ["changed"]


def test_a_write_over_another_version_is_drift_with_what_was_found(tmp_path: Path) -> None:
    """Compare-and-swap: the state stands, the error holds it, and the log says conflict."""
    flag, _ = estate(tmp_path)
    flag.put("flag", {"on": True, "model": "small"})
    with pytest.raises(Drift) as raised:
        flag.write("flag", OFF, version=1, within=1)
    assert raised.value.found == {"on": True, "model": "small"}
    assert flag.read("flag", within=1).state == {"on": True, "model": "small"}
    assert (flag.effects(), flag.writes()[-1]["became"]) == (0, "conflict")


def test_an_unknown_switch_is_told_with_its_neighbour(tmp_path: Path) -> None:
    """Reading, writing and looking at a switch that is not there name the one probably meant; nothing is logged."""
    flag, _ = estate(tmp_path)
    deeds = (
        lambda: flag.read("flog", within=1),
        lambda: flag.write("flog", OFF, version=None, within=1),
        lambda: flag.served("flog"),
        lambda: flag.put("flog", OFF),
        lambda: flag.fault("flog", lie=True),
    )
    for deed in deeds:
        with pytest.raises(NoSuchTarget, match="did you mean flag"):
            deed()
    assert flag.writes() == []


def test_replicas_follow_after_the_lag(tmp_path: Path) -> None:
    """The API tells the new state at once; the replicas serve it only once the lag has passed."""
    flag, hands = estate(tmp_path, replicas=3, lag=5)
    flag.write("flag", OFF, version=None, within=1)
    hands.at += 4.9
    assert flag.read("flag", within=1).state == OFF
    assert flag.served("flag") == dict.fromkeys(("r1", "r2", "r3"), ON)
    hands.at += 0.2
    assert flag.served("flag") == dict.fromkeys(("r1", "r2", "r3"), OFF)


def test_without_replicas_there_is_one(tmp_path: Path) -> None:
    """A switch that names no replica shows one, named so; named ones keep their names."""
    assert estate(tmp_path)[0].served("flag") == {"one": ON}
    assert list(estate(tmp_path, replicas=["eu-1", "us-1"])[0].served("flag")) == ["eu-1", "us-1"]


def test_stuck_replicas_never_follow(tmp_path: Path) -> None:
    """They serve what they served when they got stuck, for ever; the others follow."""
    flag, hands = estate(tmp_path, replicas=3)
    flag.fault("flag", stuck=["r2"])
    flag.write("flag", OFF, version=None, within=1)
    hands.at += 86400
    assert flag.served("flag") == {"r1": OFF, "r2": ON, "r3": OFF}


def test_a_hang_waits_out_the_share_and_does_nothing(tmp_path: Path) -> None:
    """No answer, after as long as the caller gave it; the write was never carried out and the log says so."""
    flag, hands = estate(tmp_path, faults={"hang": 60})
    begun = hands.at
    with pytest.raises(NoAnswer):
        flag.write("flag", OFF, version=None, within=3)
    assert hands.at - begun == pytest.approx(3)
    hands.at += 3600
    assert flag.read("flag", within=1).state == ON
    assert flag.effects() == 0
    assert flag.writes()[0]["became"].startswith("not carried out")


def test_who_can_outwait_a_hang_is_served(tmp_path: Path) -> None:
    """A hang shorter than the caller's share only costs time."""
    flag, hands = estate(tmp_path, faults={"hang": 2})
    flag.write("flag", OFF, version=None, within=3)
    assert (hands.at, flag.read("flag", within=1).state) == (1002.0, OFF)


def test_faults_strike_reads_only_when_told(tmp_path: Path) -> None:
    """By default looking goes well while writing hangs; `on` extends it to reads, or moves it there."""
    flag, hands = estate(tmp_path, faults={"hang": 60})
    assert flag.read("flag", within=1).state == ON
    flag.fault("flag", on=["read"])
    flag.write("flag", OFF, version=None, within=1)
    begun = hands.at
    with pytest.raises(NoAnswer):
        flag.read("flag", within=2)
    assert hands.at - begun == pytest.approx(2)


def test_a_slow_read_answers_with_the_state_at_its_end(tmp_path: Path) -> None:
    """What lands while the answer is under way is in it."""
    flag, _ = estate(tmp_path, faults={"slow": 2, "on": ["read"], "land_late": 1})
    with pytest.raises(NoAnswer):
        flag.write("flag", OFF, version=None, within=0.5)
    assert flag.read("flag", within=5).state == OFF


def test_a_slow_write_is_carried_out_at_once(tmp_path: Path) -> None:
    """The caller gives up without an answer, and yet the write stands: the timed-out PATCH that was applied."""
    flag, _ = estate(tmp_path, faults={"slow": 60})
    with pytest.raises(NoAnswer):
        flag.write("flag", OFF, version=None, within=1)
    assert (flag.read("flag", within=1).state, flag.effects()) == (OFF, 1)


def test_a_late_landing_lands_after_the_caller_gave_up(tmp_path: Path) -> None:
    """No answer; at first nothing, then the write, without any process having waited for it."""
    flag, hands = estate(tmp_path, faults={"land_late": 10})
    with pytest.raises(NoAnswer):
        flag.write("flag", OFF, version=None, within=2)
    assert flag.read("flag", within=1).state == ON
    hands.at += 7.9
    assert flag.read("flag", within=1).state == ON
    hands.at += 0.2
    assert (flag.read("flag", within=1).state, flag.effects()) == (OFF, 1)


def test_a_refusal_and_a_failure_say_their_text(tmp_path: Path) -> None:
    """Refused is Declined, failed is a plain LeverError; neither changes anything, both are logged."""
    flag, _ = estate(tmp_path, faults={"refuse": "approval required (405)"})
    with pytest.raises(Declined, match="approval required"):
        flag.write("flag", OFF, version=None, within=1)
    flag.fault("flag", refuse=None, fail="500 from upstream")
    with pytest.raises(LeverError, match="500 from upstream") as raised:
        flag.write("flag", OFF, version=None, within=1)
    assert type(raised.value) is LeverError
    assert flag.read("flag", within=1).state == ON
    assert [one["became"] for one in flag.writes()] == [
        "not carried out: approval required (405)",
        "not carried out: 500 from upstream",
    ]


def test_a_lie_says_changed_and_changes_nothing(tmp_path: Path) -> None:
    """The write ends well, and neither the API nor a replica has the new state."""
    flag, _ = estate(tmp_path, faults={"lie": True})
    flag.write("flag", OFF, version=None, within=1)
    assert (flag.read("flag", within=1).state, flag.served("flag")["one"]) == (ON, ON)
    assert (flag.effects(), flag.writes()[0]["became"]) == (0, "lied")


def test_a_controller_turns_it_back_each_time(tmp_path: Path) -> None:
    """After `revert_after` the state it wants is there again, with a new version; a second write buys as long again."""
    flag, hands = estate(tmp_path, faults={"revert_after": 180})
    flag.write("flag", OFF, version=None, within=1)
    hands.at += 179
    assert flag.read("flag", within=1).state == OFF
    flag.write("flag", OFF, version=None, within=1)
    hands.at += 179
    assert flag.read("flag", within=1).state == OFF
    hands.at += 2
    seen = flag.read("flag", within=1)
    assert seen.state == ON
    assert seen.version > 2


def test_a_controller_leaves_what_it_wants(tmp_path: Path) -> None:
    """Putting back by hand what the controller wants calls off its own turn."""
    flag, hands = estate(tmp_path, faults={"revert_after": 10})
    flag.write("flag", OFF, version=None, within=1)
    flag.write("flag", ON, version=None, within=1)
    version = flag.read("flag", within=1).version
    hands.at += 60
    assert flag.read("flag", within=1).version == version


def test_a_mended_switch_works(tmp_path: Path) -> None:
    """None takes a fault away."""
    flag, _ = estate(tmp_path, faults={"refuse": "no", "hang": 5})
    flag.fault("flag", refuse=None, hang=None)
    flag.write("flag", OFF, version=None, within=1)
    assert flag.read("flag", within=1).state == OFF


def test_an_unknown_fault_is_an_error(tmp_path: Path) -> None:
    """A misspelt fault would be a test that tests nothing; the estate stays as it was."""
    flag, _ = estate(tmp_path)
    with pytest.raises(ValueError, match="did you mean hang"):
        flag.fault("flag", hangs=3)
    with pytest.raises(ValueError, match="did you mean lie"):
        Estate.create(tmp_path / "other.json", {"a": {"state": ON, "faults": {"lies": True}}})
    assert not (tmp_path / "other.json").exists()
    flag.write("flag", OFF, version=1, within=1)


def test_after_a_reboot_all_that_was_under_way_is_over(tmp_path: Path) -> None:
    """Instants of an earlier boot mean nothing: late landings have landed, and new writes are seen as usual."""
    flag, hands = estate(tmp_path, replicas=2, lag=30, faults={"land_late": 60})
    with pytest.raises(NoAnswer):
        flag.write("flag", OFF, version=None, within=1)
    hands.at = 5.0
    assert flag.read("flag", within=1).state == OFF
    assert flag.served("flag") == {"r1": OFF, "r2": OFF}
    flag.fault("flag", land_late=None)
    flag.write("flag", ON, version=None, within=1)
    assert flag.read("flag", within=1).state == ON
    assert flag.served("flag") == {"r1": OFF, "r2": OFF}
    hands.at += 31
    assert flag.served("flag") == {"r1": ON, "r2": ON}


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    """A thousand writes later the history is bounded, the newest state is right and versions still count up."""
    flag, hands = estate(tmp_path)
    for count in range(300):
        hands.at += 1
        flag.put("flag", {"n": count})
    data = json.loads((tmp_path / "estate.json").read_text())
    assert len(data["switches"]["flag"]["history"]) == 200
    seen = flag.read("flag", within=1)
    assert (seen.state, seen.version) == ({"n": 299}, 301)


@pytest.mark.parametrize("text", ["", "{", "[]", '"estate"', '{"schema": "psfir.estate/2"}', "\xff\xfe"])
def test_what_is_no_estate_is_a_sentence(tmp_path: Path, text: str) -> None:
    """A file that is empty, cut off or something else is a LeverError with its path, and stays as it is."""
    path = tmp_path / "estate.json"
    path.write_text(text, encoding="latin-1")
    for deed in (
        lambda: Estate(path).read("flag", within=1),
        lambda: Estate(path).write("flag", OFF, version=None, within=1),
    ):
        with pytest.raises(LeverError) as raised:
            deed()
        assert raised.value.where == str(path)
    assert path.read_text(encoding="latin-1") == text


def test_a_missing_estate_says_how_to_get_one(tmp_path: Path) -> None:
    """Reading one that is not there leaves nothing behind; a folder that is not there is a sentence as well."""
    with pytest.raises(NoSuchTarget, match="psfir demo"):
        Estate(tmp_path / "no.json").read("flag", within=1)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(LeverError, match="there is no estate here"):
        Estate(tmp_path / "no" / "no.json").write("flag", OFF, version=None, within=1)


def test_reading_leaves_the_file_alone(tmp_path: Path) -> None:
    """Not a byte of it changes, and no lock is taken: a reader needs no right to write."""
    flag, _ = estate(tmp_path, replicas=3, lag=1)
    (tmp_path / "estate.json.lock").unlink()
    before = (tmp_path / "estate.json").read_bytes()
    flag.read("flag", within=1)
    flag.served("flag")
    flag.writes()
    assert (tmp_path / "estate.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["estate.json"]


def test_a_lock_that_is_kept_is_unreachable_in_time(tmp_path: Path) -> None:
    """Whoever keeps the lock cannot make a write wait longer than its share, on the real clock; nothing was sent."""
    flag = Estate.create(tmp_path / "estate.json", {"flag": {"state": ON}})
    inside, done = Event(), Event()

    def keep() -> None:
        with (tmp_path / "estate.json.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            inside.set()
            done.wait(10)

    keeper = Thread(target=keep)
    keeper.start()
    inside.wait(5)
    begun = perf_counter()
    with pytest.raises(Unreachable, match="locked"):
        Estate(flag.path).write("flag", OFF, version=None, within=0.2)
    assert 0.15 < perf_counter() - begun < 0.2 + GRACE
    done.set()
    keeper.join()
    assert flag.writes() == []


def test_a_real_hang_takes_real_time(tmp_path: Path) -> None:
    """On the real clock, too, a hung write is back when its share is over."""
    flag = Estate.create(tmp_path / "estate.json", {"flag": {"state": ON, "faults": {"hang": 30}}})
    begun = perf_counter()
    with pytest.raises(NoAnswer):
        flag.write("flag", OFF, version=None, within=0.2)
    assert 0.19 < perf_counter() - begun < 0.2 + GRACE


def test_a_connection_without_a_path_is_a_sentence() -> None:
    """The connection is named, and what to write."""
    with pytest.raises(CatalogError, match=r"connection estate has no path \(say path: FILE in psfir.yaml\)"):
        estate_of(FakeConnection("estate", "memory", {}))
