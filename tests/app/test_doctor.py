"""What a kill would need: each check fails for its own reason, and what cannot be looked at is said to be so."""

import os
import socket
import threading
from pathlib import Path

import pytest

from psfir.app.doctor import Check, Word, examine
from psfir.app.reach import reach
from psfir.app.session import Door
from psfir.domain.system import Connection
from tests.app.incident_kit import lay_out


def checks(root: Path, **env: str) -> dict[str, Check]:
    door = Door(env={"PSFIR_ME": "alice", "HOME": str(root), **env})
    return {check.name: check for check in examine(door, workspace=root)}


def add_connection(root: Path, text: str) -> None:
    words = (root / "psfir.yaml").read_text()
    (root / "psfir.yaml").write_text(words.replace("connections:\n", f"connections:\n  {text}\n"))


def test_a_workspace_in_order_passes(tmp_path: Path) -> None:
    """Every check has its line and is fine."""
    found = checks(lay_out(tmp_path))
    assert {check.word for check in found.values()} == {Word.OK}, found
    names = {
        "workspace",
        "record",
        "space",
        "spool",
        "identity",
        "clock",
        "approvers",
        "connection estate",
        "ssh-keygen",
    }
    assert set(found) == names


def test_no_workspace_is_the_first_thing_to_cure(tmp_path: Path) -> None:
    """It is a check like any other, with its cure."""
    found = checks(tmp_path)
    assert found["workspace"].word is Word.FAILED
    assert "psfir init" in found["workspace"].todo


def test_a_broken_psfir_yaml_is_the_first_thing_to_cure(tmp_path: Path) -> None:
    """With its file and line."""
    lay_out(tmp_path)
    (tmp_path / "psfir.yaml").write_text("schema: psfir.workspace/1\nname: [\n")
    assert "psfir.yaml" in checks(tmp_path)["workspace"].says


def test_somebody_unknown_is_told(tmp_path: Path) -> None:
    """Doctor fails for who runs it: they could only look and kill."""
    found = checks(lay_out(tmp_path), PSFIR_ME="mallory")["identity"]
    assert (found.word, found.todo) == (Word.FAILED, "set PSFIR_ME to your id")
    assert "mallory" in found.says


def test_too_few_approvers_are_found_beforehand(tmp_path: Path) -> None:
    """A restore that needs two can never be approved by one."""
    lay_out(tmp_path)
    words = (tmp_path / "psfir.yaml").read_text().replace("  bob: {name: Bob, roles: [on_call]}\n", "")
    (tmp_path / "psfir.yaml").write_text(words)
    assert checks(tmp_path)["approvers"].word is Word.FAILED


def test_a_secret_that_is_missing_is_named_and_never_shown(tmp_path: Path) -> None:
    """One that is there is not shown either."""
    lay_out(tmp_path)
    add_connection(tmp_path, "flags: {kind: http, url: 'http://127.0.0.1:9', token: 'env:FLAGS_TOKEN'}")
    assert checks(tmp_path)["secret flags.token"].word is Word.FAILED
    found = checks(tmp_path, FLAGS_TOKEN="canary-8d1f0c77")
    assert found["secret flags.token"].word is Word.OK
    assert "canary-8d1f0c77" not in repr(found)


def test_connections_are_tried(tmp_path: Path) -> None:
    """One that listens is reached, one where nobody does is not."""
    lay_out(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        add_connection(tmp_path, f"up: {{kind: http, url: 'http://127.0.0.1:{port}'}}")
        add_connection(tmp_path, "down: {kind: http, url: 'http://127.0.0.1:1'}")
        found = checks(tmp_path)
    assert found["connection up"].word is Word.OK
    assert found["connection down"].word is Word.FAILED


def test_the_estate_of_a_memory_connection_is_looked_for(tmp_path: Path) -> None:
    """A file that is not there fails."""
    lay_out(tmp_path)
    (tmp_path / "estate.json").unlink()
    assert "is not there" in checks(tmp_path)["connection estate"].says


def test_a_spool_that_waits_is_found(tmp_path: Path) -> None:
    """One whose writer is at work cannot be merged, and is not in the record."""
    import fcntl

    folder = lay_out(tmp_path) / ".psfir" / "spool"
    folder.mkdir(parents=True)
    spool = folder / "1.jsonl"
    with spool.open("w") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        found = checks(tmp_path)["spool"]
    assert found.word is Word.FAILED
    assert "1.jsonl" in found.says


def test_a_missing_ssh_keygen_fails_only_those_who_have_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A team that signs nothing needs none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert checks(lay_out(tmp_path / "a"))["ssh-keygen"].word is Word.OK
    keyed = lay_out(tmp_path / "b", keys=("ssh-ed25519 AAAA",))
    assert checks(keyed)["ssh-keygen"].word is Word.FAILED


def test_one_that_hangs_costs_its_share_once(tmp_path: Path) -> None:
    """A host that swallows packets is given up after its share."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        held = []
        # With its queue full a listener no longer answers.
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            held.append(one)
        word, says = reach(Connection("x", "http", {"url": f"http://127.0.0.1:{port}"}), tmp_path, within=0.2)
        for one in held:
            one.close()
    assert (word, says) == ("failed", f"127.0.0.1:{port} did not answer within 0.2 s")


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"url": "http://[bad"}, "failed"),
        ({"url": "ftp://host"}, "failed"),
        ({"url": "http://no-such-host.invalid"}, "failed"),
        ({}, "could_not_tell"),
    ],
)
def test_what_cannot_be_tried_is_said(tmp_path: Path, settings: dict[str, str], word: str) -> None:
    """An address that is none fails; a kind psfir cannot try is its own word."""
    assert reach(Connection("x", "odd", settings), tmp_path, within=1.0)[0] == word


def test_a_file_nobody_may_write_fails(tmp_path: Path) -> None:
    """Reading alone does not switch anything off."""
    file = tmp_path / "estate.json"
    file.write_text("{}")
    file.chmod(0o400)
    found = reach(Connection("x", "memory", {"path": "estate.json"}), tmp_path, within=1.0)[0]
    assert found == ("ok" if os.access(file, os.W_OK) else "failed")  # root may write anything


def test_no_thread_outlives_the_examination(tmp_path: Path) -> None:
    """Connections that answer leave nothing behind."""
    before = threading.active_count()
    checks(lay_out(tmp_path))
    assert threading.active_count() <= before


def test_a_look_that_never_ends_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that hangs cannot be given a time limit: the answer is that it could not be told."""
    never = threading.Event()
    monkeypatch.setattr("psfir.app.doctor.REACH_SHARE", 0.1)
    monkeypatch.setattr("psfir.app.doctor.reach", lambda *_, **__: (never.wait(10), ("ok", ""))[1])
    found = checks(lay_out(tmp_path))["connection estate"]
    never.set()
    assert (found.word, found.says) == (Word.COULD_NOT_TELL, "no answer within 0.1 s")


def test_a_kubeconfig_that_is_not_there_has_failed(tmp_path: Path) -> None:
    """Its own client says so, and what to do; nothing of it has to be known here."""
    lay_out(tmp_path)
    add_connection(tmp_path, "prod: {kind: kubernetes, kubeconfig: gone}")
    found = checks(tmp_path)["connection prod"]
    assert found.word is Word.FAILED
    assert "gone" in found.says


def test_a_program_is_looked_for_and_not_run(tmp_path: Path) -> None:
    """One that is not there, or that may not be run, fails; one that is there is fine."""
    program = tmp_path / "stop"
    connection = Connection("own", "command", {"argv": [str(program)]})
    assert reach(connection, tmp_path, within=1)[0] == "failed"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o600)
    assert reach(connection, tmp_path, within=1) == ("failed", f"{program} cannot be run")
    program.chmod(0o700)
    assert reach(connection, tmp_path, within=1)[0] == "ok"
    assert not (tmp_path / "ran").exists()
