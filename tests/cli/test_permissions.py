"""`psfir permissions` prints what the credentials of the runbooks at hand must be allowed, ready to hand on."""

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
    done = psfir(root, "permissions", *words)
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
    found = list(yaml.safe_load_all(said(root, "assistant", "--for", "kubernetes")))
    assert [(one["kind"], one["metadata"].get("namespace")) for one in found] == [
        ("ClusterRole", None),
        ("ClusterRoleBinding", None),
        ("Role", "assistants"),
        ("RoleBinding", "assistants"),
    ]
    allowed = {(r, v) for rule in found[2]["rules"] for r in rule["resources"] for v in rule["verbs"]}
    assert {("deployments", "patch"), ("pods/log", "get"), ("pods", "list")} <= allowed
    assert not any(("cronjobs", verb) in allowed for verb in ("patch", "get"))


def test_a_policy_and_a_custom_role_are_json(root: Path) -> None:
    """Nothing else is printed."""
    policy = json.loads(said(root, "assistant", "--for", "aws"))
    always, marked = policy["Statement"]
    assert always["Resource"] == ["arn:aws:iam::123456789012:role/agent"]
    assert "iam:PutRolePolicy" in always["Action"]
    assert (marked["Action"], marked["Resource"]) == (["iam:SimulatePrincipalPolicy"], ["*"])
    assert marked["Sid"] == "OnlyWherePsfirLeverCheckIsToSayBeforehandWhatIAMWouldDeny2"
    role = json.loads(said(root, "assistant", "--for", "launchdarkly"))
    assert ["updateOn"] in [one["actions"] for one in role["policy"]]


def test_each_cluster_is_given_its_own(root: Path) -> None:
    """Where two need a Role, which of them is meant is asked, and not guessed."""
    done = psfir(root, "permissions", "--all", "--for", "kubernetes")
    assert done.returncode == 2
    assert "--connection with one of: prod-eu, prod-us" in done.stderr
    (role,) = (
        one
        for one in yaml.safe_load_all(said(root, "--all", "--for", "kubernetes", "--connection", "prod-us"))
        if one["kind"] == "Role"
    )
    assert role["metadata"]["namespace"] == "batch"
    done = psfir(root, "permissions", "other", "--for", "aws")
    assert done.returncode == 2
    assert "no runbook needs such a document" in done.stderr


def test_all_of_it_as_json(root: Path) -> None:
    """With who needs what, when, and the documents as they are."""
    done = psfir(root, "permissions", "--all", "--json")
    found = result(done)
    assert found["schema"] == "psfir.out.permissions/1"
    by: dict[str, Any] = {each["connection"]: each for each in found["connections"]}
    assert set(by) == {"prod-eu", "prod-us", "aws-prod", "flags", "estate"}
    right = {"action": "write", "resource": "agent", "only": "", "by": ["memory.switch"]}
    expected = {
        "connection": "estate",
        "kind": "memory",
        "phase": None,
        "rights": [right],
        "documents": [],
        "notes": [],
    }
    assert by["estate"] == expected
    (document,) = by["aws-prod"]["documents"]
    assert (document["document"]["Version"], document["lines"], len(document["only"])) == ("2012-10-17", "Statement", 2)
    one = result(psfir(root, "permissions", "--all", "--for", "launchdarkly", "--phase", "kill", "--json"))
    (flags,) = one["connections"]
    assert (flags["phase"], flags["documents"][0]["document"]["key"]) == ("kill", "psfir-kill")
    assert "one action, updateOn, for off and on" in flags["notes"][0]


def test_a_role_for_the_kill_says_what_the_vendor_cannot_tell(root: Path) -> None:
    """In YAML as comments: above all of it, and above each rule that is not always needed."""
    lines = said(root, "assistant", "--for", "kubernetes", "--phase", "kill", "--to", "user:eve").splitlines()
    assert lines[0].startswith("# Kubernetes cannot tell which way a patch goes")
    assert "# only where KEDA scales it" in lines
    assert "- {apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}" in lines
    assert "# Kubernetes" not in said(root, "assistant", "--for", "kubernetes")


def test_the_phases_part_what_may_be_put_from_what_may_be_taken_away(root: Path) -> None:
    """As far as AWS can tell; what it cannot is said beside the policy, which stays alone on standard output."""

    def allowed(phase: str) -> tuple[set[str], str]:
        done = psfir(root, "permissions", "assistant", "--for", "aws", "--phase", phase)
        assert done.returncode == 0, done.stderr
        always = [one for one in json.loads(done.stdout)["Statement"] if "Sid" not in one]
        return {action for one in always for action in one["Action"]}, done.stderr

    kill, beside = allowed("kill")
    assert kill == {f"iam:{one}" for one in ("GetRole", "GetRolePolicy", "ListRolePolicies", "PutRolePolicy")}
    assert "IAM tells a put from a delete, and not what is put" in beside
    restore, beside = allowed("restore")
    assert restore == {f"iam:{one}" for one in ("GetRole", "GetRolePolicy", "DeleteRolePolicy")}
    assert "iam:PutRolePolicy on arn:aws:iam::*:role/agent is needed only where somebody had altered" in beside
    assert allowed("read")[0] == {"iam:GetRole", "iam:ListRolePolicies"}


def test_what_nobody_needs_is_said_and_not_made_up(root: Path) -> None:
    """No runbook here names an Unleash, and nobody is called so."""
    done = psfir(root, "permissions", "--all", "--for", "unleash")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no runbook needs such a document" in done.stderr
    done = psfir(root, "permissions", "--all", "--to", "somebody")
    assert done.returncode == 2
    assert "say --to serviceaccount:NAMESPACE:NAME, user:NAME or group:NAME" in done.stderr


def test_a_runbook_that_cannot_be_read_is_loud(root: Path) -> None:
    """What it needs is missing, so that a role made of this would be too narrow."""
    (root / "runbooks" / "other.yaml").write_text("schema: psfir.runbook/1\n")
    done = psfir(root, "permissions", "assistant", "--for", "aws")
    assert done.returncode == 1
    assert json.loads(done.stdout)["Statement"]
    assert "runbook other cannot be read" in done.stderr
