"""A kill by the real command on the moto server: two denies on one role, beside another kill's, and back."""

from __future__ import annotations

from pathlib import Path

from tests.app.workspaces import lay_out, psfir, result
from tests.levers.aws.moto import KEYS, World, moto, reset

ROLE = "support-agent"
CONNECTION = """
  aws-prod:
    kind: aws
    region: eu-west-1
    account: "123456789012"
    endpoint_url: ENDPOINT
    access_key_id: file:access
    secret_access_key: file:secret
"""
RUNBOOK = """\
schema: psfir.runbook/1
id: "off"
title: Off
system: assistant
mode: disable
approval: {kill: 1, restore: 1, mistake: 10m}
steps:
  - id: model
    ladder:
      - lever: aws.iam_deny
        target: {connection: aws-prod, role: support-agent}
        set: {deny: ["bedrock:InvokeModel*"]}
        within: 2m
  - id: tools
    ladder:
      - lever: aws.iam_deny
        target: {connection: aws-prod, role: support-agent}
        set: {deny: ["sqs:*"]}
        within: 2m
verify:
  - probe: memory
    target: {connection: estate, switch: gateway}
    expect: {state: {"on": true}}
    times: 1
    every: 20ms
    within: 10s
    soak: SOAK
"""


def workspace(root: Path) -> None:
    lay_out(root, runbook=RUNBOOK)
    file = root / "psfir.yaml"
    connection = CONNECTION.replace("ENDPOINT", moto())
    file.write_text(file.read_text().replace("\nsystems:", f"{connection}systems:").replace("[acme]", "[aws]"))
    (root / "access").write_text(KEYS["access_key_id"])
    (root / "secret").write_text(KEYS["secret_access_key"])


def test_two_denies_on_one_role_are_both_put_back_and_a_third_stays(tmp_path: Path) -> None:
    """The engine's own restore, from the record: each policy is a target of its own, whatever else is on the role."""
    reset()
    world = World()
    world.role(ROLE)
    workspace(tmp_path)

    def policies() -> list[str]:
        return [str(one) for one in world.get("iam", "ListRolePolicies", RoleName=ROLE)["PolicyNames"]]

    checked = psfir(tmp_path, "lever", "check", "assistant", "--json")
    assert KEYS["secret_access_key"] not in checked.stdout + checked.stderr
    done = psfir(tmp_path, "kill", "assistant", "--yes", "--json")
    assert (done.returncode, result(done)["verdict"]) == (0, "contained"), done.stdout + done.stderr
    assert len(policies()) == 2
    world.allow(ROLE, policy="psfir-deny-of-another-kill")
    back = psfir(tmp_path, "restore", "--yes", "--json")
    assert back.returncode == 0, back.stdout + back.stderr
    assert policies() == ["psfir-deny-of-another-kill"]
