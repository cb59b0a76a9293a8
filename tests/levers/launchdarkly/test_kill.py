"""A whole kill and restore by the command line: the lever, capture and probe for LaunchDarkly, on the stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.levers.launchdarkly.stage_flag import Account, bare

WORKSPACE = """schema: psfir.workspace/1
name: Team
people:
  ann: {name: Ann, roles: [owner, on_call]}
systems:
  support-assistant: {title: Assistant, owner: ann, autonomy: supervised, runbooks: {disable: off}}
connections:
  flags: {kind: launchdarkly, url: URL, token: "env:LD_TOKEN", sdk_key: "env:LD_SDK", sdk_url: URL, stream_url: URL}
"""
RUNBOOK = """schema: psfir.runbook/1
id: off
title: Switch it off
system: support-assistant
mode: disable
approval: {kill: 1, restore: 1}
capture:
  - source: launchdarkly.flag_state
    target: {connection: flags, project: assistants, environment: production, flag: support-assistant}
steps:
  - id: stop
    ladder:
      - lever: launchdarkly.flag
        target: {connection: flags, project: assistants, environment: production, flag: support-assistant}
        set: {on: false}
        within: 30s
verify:
  - probe: launchdarkly.evaluation
    target: {connection: flags, flag: support-assistant, context: ann}
    expect: {value: nothing}
    times: 1
    soak: 0s
"""
CALL = """
import sys
from psfir.cli.main import main
sys.argv = ["psfir", *sys.argv[1:]]
try:
    main()
finally:
    print("loaded:", *{name.split(".")[0] for name in sys.modules} & {"kubernetes", "boto3", "ldclient"})
"""


def psfir(account: Account, folder: Path, *words: str) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    env |= {"PSFIR_ME": "ann", "LD_TOKEN": account.token, "LD_SDK": account.sdk_key}
    command = [sys.executable, "-c", CALL, *words, "-y", "-w", str(folder)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def test_a_kill_is_proven_by_the_official_sdk_and_put_back(tmp_path: Path) -> None:
    """Contained is what a new SDK client saw; restored is what was there; no key or token is in the record.

    Neither of the other vendors' packages is loaded by it, and a restore loads it to see what is back.
    """
    with Account(("large", "small", "nothing")) as account:
        account.crowd()
        before = bare(account.here())
        (tmp_path / "runbooks").mkdir()
        (tmp_path / "psfir.yaml").write_text(WORKSPACE.replace("URL", account.server.url), encoding="utf-8")
        (tmp_path / "runbooks" / "off.yaml").write_text(RUNBOOK, encoding="utf-8")
        killed = psfir(account, tmp_path, "kill", "support-assistant", "--reason", "it insults people")
        assert "support-assistant  CONTAINED" in killed
        assert 'a new consumer held, it was served "nothing" (variation 2, OFF)' in killed
        assert "evidence kept: launchdarkly-assistants-production-support-assistant.json" in killed
        assert account.here()["on"] is False
        restored = psfir(account, tmp_path, "restore")
        assert "RESTORED: 1 of 1" in restored
        assert bare(account.here()) == before
        assert (killed.splitlines()[-1], restored.splitlines()[-1]) == ("loaded: ldclient", "loaded: ldclient")
        kept = b"".join(path.read_bytes() for path in (tmp_path / ".psfir").rglob("*") if path.is_file())
        assert not [secret for secret in (account.token, account.sdk_key) if secret.encode() in kept]
