"""`psfir lever permissions` prints what the credentials of the runbooks at hand must be allowed, ready to hand on."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.app.workspaces import psfir, result

PSFIR_YAML = """\
schema: psfir.workspace/1
name: Test
people:
  dana: {name: Dana, roles: [on_call]}
connections:
  prod-eu: {kind: kubernetes, kubeconfig: nowhere}
  prod-us: {kind: kubernetes, kubeconfig: nowhere}
  aws-prod: {kind: aws, region: eu-west-1, account: "123456789012"}
  flags: {kind: launchdarkly, token: "env:LD_TOKEN"}
  estate: {kind: memory, path: .psfir/estate.json}
systems:
  assistant: {title: Assistant, owner: dana, runbooks: {disable: "off"}}
  other: {title: Other, owner: dana, runbooks: {disable: other}}
"""

RUNBOOK = """\
schema: psfir.runbook/1
id: "off"
title: Off
system: assistant
mode: disable
capture:
  - source: kubernetes.logs
    target: {connection: prod-eu, namespace: assistants, deployment: agent}
steps:
  - id: stop
    ladder:
      - lever: launchdarkly.flag
        target: {connection: flags, project: assistants, environment: production, flag: agent}
        set: {on: false}
        within: 30s
      - lever: kubernetes.replicas
        target: {connection: prod-eu, namespace: assistants, deployment: agent}
        set: {replicas: 0}
        within: 30s
      - lever: aws.iam_deny
        target: {connection: aws-prod, role: agent}
        set: {deny: ["bedrock:InvokeModel*"]}
        within: 3m
      - lever: memory.switch
        target: {connection: estate, switch: agent}
        set: {"on": false}
        within: 5s
verify:
  - probe: kubernetes.pods
    target: {connection: prod-eu, namespace: assistants, deployment: agent}
    expect: {pods: 0}
"""

OTHER = """\
schema: psfir.runbook/1
id: other
title: Other
system: other
mode: disable
steps:
  - id: stop
    ladder:
      - lever: kubernetes.cronjob
        target: {connection: prod-us, namespace: batch, cronjob: digest}
        set: {suspend: true}
        within: 30s
verify:
  - probe: kubernetes.pods
    target: {connection: prod-us, namespace: batch, labels: {app: digest}}
    expect: {pods: 0}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "psfir.yaml").write_text(PSFIR_YAML)
    (tmp_path / "runbooks" / "off.yaml").write_text(RUNBOOK)
    (tmp_path / "runbooks" / "other.yaml").write_text(OTHER)
    return tmp_path


def said(root: Path, *words: str) -> str:
    done = psfir(root, "lever", "permissions", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_by_connection(root: Path) -> None:
    """Who needs what, and the document; what no document can give is listed all the same."""
    page = said(root, "--all")
    for line in ("prod-eu (kubernetes)", "aws-prod (aws)", "flags (launchdarkly)", "estate (memory)"):
        assert f"{line}\n" in page
    rows = {tuple(line.split()) for line in page.splitlines()}
    assert ("patch", "apps/deployments/agent", "kubernetes.replicas") in rows
    assert ("get", "pods/log", "kubernetes.logs") in rows
    assert ("write", "agent", "memory.switch") in rows


def test_roles_are_ready_for_kubectl(root: Path) -> None:
    """Probes and captures of the runbook are in them, other systems are not."""
    found = list(yaml.safe_load_all(said(root, "assistant", "--format", "kubernetes")))
    assert [(one["kind"], one["metadata"].get("namespace")) for one in found] == [
        ("ClusterRole", None),
        ("Role", "assistants"),
    ]
    allowed = {(r, v) for rule in found[1]["rules"] for r in rule["resources"] for v in rule["verbs"]}
    assert {("deployments", "patch"), ("pods/log", "get"), ("pods", "list")} <= allowed
    assert not any(("cronjobs", verb) in allowed for verb in ("patch", "get"))


def test_a_policy_and_a_custom_role_are_json(root: Path) -> None:
    """Nothing else is printed."""
    policy = json.loads(said(root, "assistant", "--format", "iam"))
    (statement,) = policy["Statement"]
    assert statement["Resource"] == ["arn:aws:iam::123456789012:role/agent"]
    assert "iam:PutRolePolicy" in statement["Action"]
    role = json.loads(said(root, "assistant", "--format", "launchdarkly"))
    assert "updateOn" in role["policy"][0]["actions"]


def test_each_cluster_is_given_its_own(root: Path) -> None:
    """Where two need a Role, which of them is meant is asked, and not guessed."""
    done = psfir(root, "lever", "permissions", "--all", "--format", "kubernetes")
    assert done.returncode == 2
    assert "--connection with one of: prod-eu, prod-us" in done.stderr
    (role,) = (
        one
        for one in yaml.safe_load_all(said(root, "--all", "--format", "kubernetes", "--connection", "prod-us"))
        if one["kind"] == "Role"
    )
    assert role["metadata"]["namespace"] == "batch"
    done = psfir(root, "lever", "permissions", "other", "--format", "iam")
    assert done.returncode == 2
    assert "no runbook needs such a document" in done.stderr


@pytest.mark.parametrize("words", [("--json",), ("--format", "json")])
def test_all_of_it_as_json(root: Path, words: tuple[str, ...]) -> None:
    """With who needs what, and the documents as they are."""
    done = psfir(root, "lever", "permissions", "--all", *words)
    found = result(done)
    assert found["schema"] == "psfir.out.lever.permissions/1"
    by: dict[str, Any] = {each["connection"]: each for each in found["connections"]}
    assert set(by) == {"prod-eu", "prod-us", "aws-prod", "flags", "estate"}
    right = {"action": "write", "resource": "agent", "by": ["memory.switch"]}
    assert by["estate"] == {"connection": "estate", "kind": "memory", "rights": [right], "documents": []}
    assert by["aws-prod"]["documents"][0]["Version"] == "2012-10-17"


def test_a_runbook_that_cannot_be_read_is_loud(root: Path) -> None:
    """What it needs is missing, so that a role made of this would be too narrow."""
    (root / "runbooks" / "other.yaml").write_text("schema: psfir.runbook/1\n")
    done = psfir(root, "lever", "permissions", "assistant", "--format", "iam")
    assert done.returncode == 1
    assert json.loads(done.stdout)["Statement"]
    assert "runbook other cannot be read" in done.stderr
