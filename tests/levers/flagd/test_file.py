"""What flagd.file makes of a flag file, to the byte, and of everything that can stand in its way."""

import errno
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from psfir.domain.change import Change, Held, NothingToDo, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Matter, Ready
from psfir.errors import Declined, Denied, Drift, LeverError, NoAnswer, NoSuchTarget, PsfirError, Refusal, Unreachable
from psfir.levers.flagd.file import FlagdFile
from tests.levers.flagd.worlds import FLAG, JSON, TARGET, YAML, WorseDisk, lever

ONE_LINE = '{"flags":{"support-assistant":{"targeting":{"if":[true,"on"]},"variants":{"on":1,"off":0}}}}'
NO_DEFAULT = YAML.replace("    defaultVariant: on  # since May\n", "")
IN_BRACES = "flags: {support-assistant: {state: ENABLED, targeting: {if: [true, on]}, variants: {on: true, off: no}}}\n"
CRLF = JSON.replace("\n", "\r\n")
LAST = YAML.split("  # Not ours.")[0].rstrip("\n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "flags.json"
    made.write_text(JSON, encoding="utf-8")
    return made


def planned(one: FlagdFile, variant: str = "off") -> Change:
    change = one.plan(TARGET, one.read(TARGET, within=10), Mode.DISABLE, {"variant": variant})
    assert isinstance(change, Change)
    return change


def pulled(path: Path) -> Change:
    change = planned(lever(path))
    assert lever(path).apply(change, within=10).result is Result.CHANGED
    return change


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("f.json", JSON, '"defaultVariant": "off"\n    }\n'),
        ("f.json", CRLF, '"defaultVariant": "off"\r\n    }\r\n'),
        ("f.json", ONE_LINE, '{"defaultVariant": "off", "variants":{"on":1,"off":0}}'),
        ("f.yaml", YAML, "defaultVariant: off  # since May\n    # Our own people first.\n\n  # Not ours.\n"),
        ("f.yaml", NO_DEFAULT, "    defaultVariant: off\n    state: ENABLED      # never DISABLED\n"),
        ("f.yml", IN_BRACES, '{"defaultVariant": off, state: ENABLED, variants: {on: true, off: no}}}\n'),
        ("f.yaml", LAST, "    defaultVariant: off  # since May\n    # Our own people first.\n"),
        ("f.yaml", YAML.replace("off: false", '"off": false'), 'defaultVariant: "off"  # since'),
    ],
    ids=[
        "json",
        "json with CRLF",
        "json in one line",
        "yaml",
        "yaml without a default",
        "yaml in braces",
        "yaml's end",
        "yaml quoted",
    ],
)
def test_only_the_flag_is_rewritten_and_put_back(tmp_path: Path, name: str, text: str, says: str) -> None:
    """Comments, order and line breaks stay, and a restore puts back every byte.

    A variant is spelled as its key is: what a plain `off` means, two readers of YAML think differently.
    """
    path = tmp_path / name
    path.write_bytes(text.encode())
    change = pulled(path)
    after = path.read_bytes().decode()
    assert says in after
    assert "targeting" not in after.split("greeting")[0]
    assert lever(path).restore(change, within=10).result is Result.CHANGED
    assert path.read_bytes() == text.encode()


def test_disabled_is_enabled_and_never_written_trap_6(path: Path) -> None:
    """DISABLED hands callers the default in their code: what is found so is said, and ENABLED for as long."""
    path.write_text(JSON.replace('"ENABLED",\n', '"DISABLED",\n'), encoding="utf-8")
    reading = lever(path).read(TARGET, within=10)
    assert any("default of their own code" in note for note in reading.notes)
    for variant in ("on", "off"):
        after = planned(lever(path), variant).after
        assert isinstance(after, dict)
        assert (after["state"], after["default"], after["targeting"]) == ("ENABLED", variant, False)
    change = pulled(path)
    assert "DISABLED" not in path.read_text(encoding="utf-8")
    lever(path).restore(change, within=10)
    assert "DISABLED" in path.read_text(encoding="utf-8")


def test_a_variant_of_the_default_alone_does_not_hold(path: Path) -> None:
    """As long as targeting stands, not everybody is served the default: that is a change, and verify sees it."""
    path.write_text(JSON.replace('"defaultVariant": "on"', '"defaultVariant": "off"'), encoding="utf-8")
    change = planned(lever(path))
    look = lever(path).verify(change, within=10)
    assert look.held is Held.NOT_HELD
    assert "but where its targeting says otherwise" in look.says


def test_another_flag_of_the_file_may_change_meanwhile(path: Path) -> None:
    """Two flags of one file are pulled and put back in any order; each restore leaves the rest as it is by then."""
    change = pulled(path)
    target = {**TARGET, "flag": "greeting"}
    other = lever(path).plan(target, lever(path).read(target, within=10), Mode.DEGRADE, {"variant": "long"})
    assert isinstance(other, Change)
    assert lever(path).apply(other, within=10).result is Result.CHANGED
    assert lever(path).restore(change, within=10).result is Result.CHANGED
    assert lever(path).restore(other, within=10).result is Result.CHANGED
    assert path.read_text(encoding="utf-8") == JSON


def test_somebody_elses_edit_is_drift_and_stands_trap_19(path: Path) -> None:
    """Of the flag itself nothing is overwritten, whatever was edited in it; the look says who is served what."""
    change = pulled(path)
    theirs = path.read_text(encoding="utf-8").replace('"off": false', '"off": false, "new": true')
    path.write_text(theirs, encoding="utf-8")
    with pytest.raises(Drift, match="somebody else has changed the file"):
        lever(path).restore(change, within=10)
    assert path.read_text(encoding="utf-8") == theirs


def test_somebody_who_writes_at_the_same_moment_is_not_overwritten(path: Path) -> None:
    """Right before the new file takes its name the old one is read again: by content and time of its last change."""

    class Slower(WorseDisk):
        def write(self, path: Path, content: bytes, like: Path) -> None:
            super().write(path, content, like)
            like.write_text(JSON.replace("Good morning", "Good day"), encoding="utf-8")

    change = planned(lever(path))
    with pytest.raises(Drift, match="at the same moment"):
        lever(path, Slower()).apply(change, within=10)
    assert "Good day" in path.read_text(encoding="utf-8")
    assert list(path.parent.iterdir()) == [path]


def test_mode_and_owner_stay(path: Path) -> None:
    """The flagd beside it may run as somebody else: whoever could read the file still can."""
    path.chmod(0o604)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    before = path.stat()
    pulled(path)
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert after.st_ino != before.st_ino, "it is replaced as a whole, and never half written"


def test_a_symbolic_link_is_refused(path: Path) -> None:
    """A ConfigMap's file is a link that the kubelet moves on: writing there would not last."""
    link = path.with_name("link.json")
    link.symlink_to(path)
    with pytest.raises(Refusal, match="symbolic link") as raised:
        lever(link).read(TARGET, within=10)
    assert "changed in the ConfigMap" in raised.value.todo
    behind = path.parent / "..data" / "flags.json"
    with pytest.raises(Refusal, match="ConfigMap"):
        lever(behind).read(TARGET, within=10)


def test_what_is_no_single_file_is_refused(path: Path) -> None:
    """A second name would keep the old flags; a pipe or a folder holds none, and is not waited for."""
    change = planned(lever(path))
    path.with_name("second.json").hardlink_to(path)
    with pytest.raises(Refusal, match="has 2 names"):
        lever(path).apply(change, within=10)
    pipe = path.with_name("pipe.json")
    os.mkfifo(pipe)
    for odd in (pipe, path.parent):
        with pytest.raises(Refusal, match="is no file"):
            lever(odd).read(TARGET, within=10)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("f.json", JSON.replace('"off": false }', '"off": false'), "line 14, column 1: Expecting ',' delimiter"),
        ("f.json", '{"flags": {"a": 1, "a": 2}}', "the key 'a' stands in one mapping twice"),
        ("f.json", '{"flags": {"a": NaN}}', "NaN is no JSON"),
        ("f.json", "[" * 100_000, "nested too deep"),
        ("f.json", "[]", "line 1: it is no mapping"),
        ("f.json", "{}", "it has no flags"),
        ("f.json", '{"flags": []}', "its flags are no mapping"),
        ("f.json", '{"flags": {"support-assistent": {}}}', "there is no flag 'support-assistant' in it"),
        ("f.json", '{"flags": {"support-assistant": {"state": "ENABLED"}}}', "the flag has no variants"),
        ("f.yaml", YAML.replace("state: ENABLED", "state: [ENABLED", 1), "line 6, column"),
        ("f.yaml", YAML.replace("greeting", "support-assistant"), "a key stands in one mapping twice"),
        ("f.yaml", "just text", "line 1: it is no mapping"),
    ],
)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    """The error names the file and the line, and what to do."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LeverError) as raised:
        lever(path).read(TARGET, within=10)
    assert says in str(raised.value)
    assert str(path) in str(raised.value)
    assert raised.value.todo


def test_what_cannot_be_rewritten_piece_by_piece_is_refused(tmp_path: Path) -> None:
    """YAML knows ways to say a thing elsewhere: psfir rewrites the flag's own lines, or nothing."""
    path = tmp_path / "flags.yaml"
    for text in (
        YAML.replace("variants: {on: true, off: false}", "variants: &two {on: true, off: false}"),
        YAML.replace("    state: ENABLED      # never DISABLED", "    ? state\n    : DISABLED"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(Refusal, match="cannot be changed without rewriting more than it"):
            planned(lever(path))


FAULTS: list[tuple[str, int, type[PsfirError], str]] = [
    ("read", errno.EACCES, Denied, "which psfir runs as"),
    ("read", errno.ENOENT, NoSuchTarget, "check file: of the connection"),
    ("read", errno.EIO, Unreachable, "disk is well"),
    ("read", errno.ESTALE, Unreachable, "disk is well"),
    ("write", errno.EACCES, Denied, "write into its folder"),
    ("write", errno.EPERM, Denied, "keep the file's owner"),
    ("write", errno.EROFS, Declined, "mount it writable"),
    ("write", errno.ENOSPC, LeverError, "make room"),
    ("write", errno.EDQUOT, LeverError, "make room"),
    ("replace", errno.EBUSY, Refusal, "mount its folder"),
    ("replace", errno.EIO, NoAnswer, ""),
    ("settle", errno.EIO, NoAnswer, ""),
]


@pytest.mark.parametrize(("deed", "number", "kind", "todo"), FAULTS)
def test_what_the_disk_refuses(path: Path, deed: str, number: int, kind: type[PsfirError], todo: str) -> None:
    """Each error says what to do; the file is as it was, unless nobody can say, and nothing is left beside it."""
    change, disk = planned(lever(path)), WorseDisk()
    disk.failing[deed] = OSError(number, os.strerror(number))
    with pytest.raises(kind) as raised:
        lever(path, disk).apply(change, within=10)
    assert type(raised.value) is kind
    assert todo in raised.value.todo
    assert (path.read_text(encoding="utf-8") == JSON) == (deed != "settle")
    assert list(path.parent.iterdir()) == [path]


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that everybody may enter, and somebody in it who is not root: root may do what is forbidden."""
    me = os.geteuid()
    with TemporaryDirectory(dir="/tmp") as made:
        folder = Path(made) / "flags"
        folder.mkdir()
        Path(made).chmod(0o755)
        path = folder / "flags.json"
        path.write_text(JSON, encoding="utf-8")
        try:
            if me == 0:
                os.chown(path, 65534, 65534)
                os.seteuid(65534)
            yield path
        finally:
            os.seteuid(me)
            folder.chmod(0o755)


def test_what_the_system_itself_refuses(shared: Path) -> None:
    """For real: a file that may not be read, a folder that may not be written. The look beforehand says so too."""
    change = planned(lever(shared))
    if shared.parent.stat().st_uid == os.geteuid():
        shared.parent.chmod(0o555)
    with pytest.raises(Denied, match="cannot be replaced: Permission denied"):
        lever(shared).apply(change, within=10)
    found = {one.matter: one for one in lever(shared).check(TARGET, {"variant": "off"}, within=10)}
    assert found[Matter.PERMISSION].ready is Ready.WOULD_FAIL
    assert str(os.geteuid()) in found[Matter.PERMISSION].todo
    shared.chmod(0)
    with pytest.raises(Denied, match="cannot be read: Permission denied"):
        lever(shared).read(TARGET, within=10)


@pytest.mark.parametrize(("deed", "kind"), [("read", Unreachable), ("write", Unreachable), ("replace", NoAnswer)])
def test_a_mount_that_hangs_is_given_up(path: Path, deed: str, kind: type[PsfirError]) -> None:
    """Before the replacing began it is clear that nothing will be done any more, however late the disk wakes up."""
    change, disk = planned(lever(path)), WorseDisk()
    disk.hanging = {deed}
    with pytest.raises(kind):
        lever(path, disk).apply(change, within=0.2)
    disk.released.set()
    lever(path).read(TARGET, within=10)
    if deed != "replace":
        assert disk.writes == 0
        assert path.read_text(encoding="utf-8") == JSON


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.levers.flagd.test_file import TARGET, lever, planned
one = lever(Path(sys.argv[1]))
change = planned(one)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))
try:
    one.apply(change, within=10)
except Exception as error:
    sys.stderr.write(f"{type(error).__name__}: {error}")
"""


def test_a_disk_that_takes_no_more_leaves_the_file_whole(path: Path, root: Path) -> None:
    """For real: no file may grow any further. The old one stands to the byte, and nothing lies beside it."""
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], cwd=root, capture_output=True, text=True, timeout=30, check=True
    )
    assert run.stderr.startswith("LeverError")
    assert "make room on the disk" in run.stderr
    assert path.read_text(encoding="utf-8") == JSON
    assert list(path.parent.iterdir()) == [path]


def test_the_look_beforehand_writes_nothing(path: Path) -> None:
    """It says what the flag serves and who may replace the file; what is not there is said as an error."""
    before = path.stat()
    found = lever(path).check(TARGET, {"variant": "off"}, within=10)
    assert [one.ready for one in found] == [Ready.READY, Ready.READY]
    assert "serves on (true), but where its targeting says otherwise" in found[0].says
    assert path.stat() == before
    with pytest.raises(PsfirError, match="no variant"):
        lever(path).check(TARGET, {"variant": "none"}, within=10)
    path.with_name("second.json").hardlink_to(path)
    worst = {one.ready for one in lever(path).check(TARGET, {"variant": "off"}, within=10)}
    assert Ready.WOULD_FAIL in worst


def test_what_everybody_is_served_already(path: Path) -> None:
    """Nothing to do is said with the variant and its value, so that a wrong one is seen."""
    pulled(path)
    planned_again = lever(path).plan(TARGET, lever(path).read(TARGET, within=10), Mode.DISABLE, {"variant": "off"})
    assert isinstance(planned_again, NothingToDo)
    assert planned_again.why == f"flag {FLAG} already serves off (false) to everybody"
    assert json.loads(path.read_text(encoding="utf-8"))["flags"][FLAG]["variants"] == {"on": True, "off": False}
    assert stat.S_ISREG(path.stat().st_mode)
