"""`psfir lever check` says what would fail tonight, and changes nothing."""

from collections.abc import Mapping
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from psfir.app import bind
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Denied, LeverError
from psfir.testing import FakeLever
from tests.app.workspaces import RUNBOOK, lay_out, psfir, result

FINE: dict[str, Any] = {"state": {"on": True}}


def check(root: Path, *words: str) -> tuple[int, list[dict[str, Any]]]:
    done = psfir(root, "lever", "check", *words, "--json")
    return done.returncode, result(done)["rungs"]


def switches(root: Path, **changed: Mapping[str, Any]) -> Path:
    lay_out(root, switches={"flag": FINE, "gateway": FINE} | changed)
    return root / ".psfir" / "estate.json"


def test_what_would_go_well_is_ready(tmp_path: Path) -> None:
    """Every rung, with what it would do tonight; and nothing is written anywhere."""
    estate = switches(tmp_path)
    before = estate.read_bytes()
    code, rungs = check(tmp_path, "assistant")
    assert code == 0
    assert [(one["step"], one["rung"], one["ready"]) for one in rungs] == [("stop", 1, "ready"), ("stop", 2, "ready")]
    assert "switch flag gets on = false" in rungs[0]["findings"][0]["says"]
    assert estate.read_bytes() == before
    assert psfir(tmp_path, "incident", "list").stdout == "nothing is open\n"


def test_a_target_that_is_not_there_would_fail(tmp_path: Path) -> None:
    """On the rung that names it, and on no other."""
    lay_out(tmp_path, switches={"flag": FINE})
    code, rungs = check(tmp_path, "--all")
    assert code == 1
    assert [one["ready"] for one in rungs] == ["ready", "would_fail"]
    (finding,) = rungs[1]["findings"]
    assert finding["matter"] == "target"
    assert "gateway" in finding["says"]


def test_a_vendor_that_hangs_could_not_be_told(tmp_path: Path) -> None:
    """Not having been able to look is neither ready nor failing."""
    switches(tmp_path, flag=FINE | {"faults": {"hang": True, "on": "read"}})
    code, rungs = check(tmp_path)
    assert code == 6
    assert [one["ready"] for one in rungs] == ["could_not_tell", "ready"]


def test_a_runbook_that_cannot_be_read_would_fail(tmp_path: Path) -> None:
    """Beside the others, which are looked at all the same."""
    switches(tmp_path)
    (tmp_path / "runbooks" / "half.yaml").write_text("schema: psfir.runbook/1\nid: half\n")
    done = psfir(tmp_path, "lever", "check", "--all")
    assert done.returncode == 1
    assert "runbook half cannot be read" in done.stdout
    assert "stop, rung 1" in done.stdout


GATE = """\
connections:
  gate: {kind: http, url: "http://127.0.0.1:PORT"}
"""
ASKED = """\
      - lever: http.request
        target: {connection: gate, read: {path: /NAME}, apply: {method: PUT, path: /NAME, body: "${value}"}}
        set: {value: 1}
        within: 5s
"""


def test_one_cause_is_said_once(tmp_path: Path) -> None:
    """What is in the way of several rungs of a connection stands below, with them and one cure; then all is counted."""
    rungs = "".join(ASKED.replace("NAME", name) for name in ("one", "two"))
    lay_out(tmp_path, switches={"flag": FINE}, runbook=RUNBOOK.replace("verify:\n", f"{rungs}verify:\n"))
    words = (tmp_path / "psfir.yaml").read_text()
    with socket() as nobody:  # holds a port and does not listen: who connects is refused
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        (tmp_path / "psfir.yaml").write_text(words.replace("connections:\n", GATE.replace("PORT", str(port))))
        done = psfir(tmp_path, "lever", "check", "assistant")
        said = result(psfir(tmp_path, "lever", "check", "assistant", "--json"))
    assert done.returncode == 1
    assert done.stdout.count(f"http://127.0.0.1:{port} refused the connection") == 1
    assert done.stdout.count("(cause 1 below)") == 2
    *_, cause, concerned, cure, count = done.stdout.splitlines()
    assert cause.startswith("  COULD NOT TELL  cause 1, 2 rungs on gate: ")
    assert concerned == "    off  stop 3, stop 4"
    assert cure.startswith("      ->  ")
    assert count == "4 rungs: 1 ready, 2 could not be told, 1 would fail tonight"
    assert said["counts"] == {"ready": 1, "beware": 0, "could_not_tell": 2, "would_fail": 1}
    assert [len(rung["findings"]) for rung in said["rungs"]] == [1, 1, 1, 1]


def test_causes_that_differ_only_in_the_request_are_one() -> None:
    """Two rungs ask for two things of a cluster that is away: what is in their way is the same."""
    from psfir.app.preflight import Checked, Preflight
    from psfir.domain.runbook import Rung

    def checked(path: str, connection: str = "prod") -> Checked:
        finding = Finding(Matter.TARGET, Ready.COULD_NOT_TELL, f"GET /apis/{path}: it is away", "look at the VPN")
        return Checked("a", "off", "stop", 1, Rung(path, {"connection": connection}, {}, 5.0), (finding,))

    first, second = checked("pods"), checked("routes")
    found = Preflight((first, second, checked("pods", "other"), checked("routes")), {})
    (cause,) = found.causes
    assert (cause.connection, cause.rungs) == ("prod", (first, second))


class Telling(FakeLever):
    """A lever that says beforehand what would be in its way."""

    found: Finding | Exception

    def check(self, target: object, settings: object, *, within: float) -> list[Finding]:
        if isinstance(self.found, Exception):
            raise self.found
        return [self.found]


@pytest.mark.parametrize(
    ("found", "matter", "ready"),
    [
        (Finding(Matter.UNDONE_BY, Ready.BEWARE, "an HPA"), "undone by", "beware"),
        (Finding(Matter.APPROVAL, Ready.WOULD_FAIL, "405"), "approval", "would_fail"),
        (Denied("no", where="connection x", todo="grant it"), "permission", "would_fail"),
        (LeverError("odd"), "target", "could_not_tell"),
    ],
    ids=["beware", "approval", "denied", "odd"],
)
def test_a_lever_may_say_it_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: Finding | Exception, matter: str, ready: str
) -> None:
    """And its own words stand before what a reading would show."""
    from psfir.app.choose import Aim
    from psfir.app.preflight import preflight
    from psfir.app.session import Door, open_session

    switches(tmp_path)
    lever = Telling({"on": True})
    lever.found = found
    monkeypatch.setattr(bind.Binder, "lever", lambda *_: lever)
    session = open_session(Door({"PSFIR_ME": "dana"}), workspace=tmp_path)
    checked = preflight(session, Aim(all=True)).rungs[0]
    assert checked.ready.value == ready
    assert (matter, ready) in {(one.matter.value, one.ready.value) for one in checked.findings}
