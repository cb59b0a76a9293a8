"""`psfir remediation export`, as people type it: a plan that tells nobody, the exit codes, JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.range.faulty import Fault, reset
from psfir.range.server import Reply
from tests.cli.keyboard import Keyboard
from tests.vendors.github_stand_in import NAME, TOKEN, GitHubStandIn

WORDS = "  issues: {{kind: github, url: {url}, token: env:GITHUB_TOKEN, repository: {name}}}\n"


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with GitHubStandIn() as found:
        yield found


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, github: GitHubStandIn
) -> Keyboard:
    keyboard = Keyboard(tmp_path, capsys, monkeypatch)
    words = keyboard.root / "psfir.yaml"
    line = WORDS.format(url=github.url, name=NAME)
    words.write_text(words.read_text().replace("connections:\n", f"connections:\n{line}"))
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    keyboard.ok("incident", "declare", "search")
    keyboard.ok("remediation", "add", "Hold prompts back", "--owner", "bob")
    keyboard.me("dora")
    return keyboard


def test_a_plan_tells_nobody(desk: Keyboard, github: GitHubStandIn) -> None:
    """It says what would be told; the export does that, and the next one nothing."""
    assert (
        "1 to be told to issues; nobody was told yet"
        in desk.ok("remediation", "export", "--to", "issues", "--plan").out
    )
    assert github.asked == []
    assert "#2  created" in desk.ok("remediation", "export", "--to", "issues").out
    assert "knows all of it" in desk.ok("remediation", "export", "--to", "issues").out
    shown = desk.ok("remediation", "list", "--json").json["items"][0]["exports"]
    assert shown == {"issues": {"ref": "#2", "url": f"https://github.com/{NAME}/issues/2"}}


def test_programs_get_codes_and_json(desk: Keyboard, github: GitHubStandIn) -> None:
    """6 where nobody knows, 1 where it failed, 2 for a name that is none, 3 for somebody who may not."""
    posts = Fault("lost", wire=reset)
    end = github.faults.fault(posts, when=lambda asked: asked.writes, times=1)
    done = desk.type("remediation", "export", "--to", "issues", "--json")
    assert done.code == 6
    assert [one["result"] for one in done.json["items"]] == ["unknown"]
    end()
    github.faults.fault(Fault("no", reply=Reply(401, {"message": "Bad credentials"})))
    assert desk.type("remediation", "export", "--to", "issues").code == 1
    assert desk.type("remediation", "export", "--to", "nowhere").code == 2
    desk.me("carol")
    assert desk.type("remediation", "export", "--to", "issues").code == 3
