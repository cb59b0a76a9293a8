"""Whole kills by the real command on the stand-ins: flags first, then the cluster, and no SDK that no rung names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.range.kubernetes import layouts
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.launchdarkly.server import LaunchDarkly
from tests.app.workspaces import PEOPLE, psfir, result, sdks
from tests.range.launchdarkly_account import Account, account

WORDS = (
    PEOPLE
    + """\
connections:
  flags: {kind: launchdarkly, url: "LD", sdk_url: "LD", stream_url: "LD", token: file:token, sdk_key: file:sdk-key}
  prod: {kind: kubernetes, kubeconfig: kubeconfig}
systems:
  assistant: {title: Assistant, owner: lee, runbooks: {disable: "off", degrade: flag-only}}
"""
)
FLAG = "{connection: flags, project: shop, environment: production, flag: ai-summary}"
BOOK = """\
schema: psfir.runbook/1
id: "off"
title: Off
system: assistant
mode: disable
approval: {kill: 1, restore: 1}
capture:
  - source: kubernetes.describe
    target: {connection: prod, namespace: default, deployment: agent}
steps:
  - id: stop
    ladder:
      - lever: launchdarkly.flag
        target: FLAG
        set: {on: false}
        within: 10s
      - lever: kubernetes.replicas
        target: {connection: prod, namespace: default, deployment: agent}
        set: {replicas: 0}
        within: 20s
verify:
  - probe: kubernetes.pods
    target: {connection: prod, namespace: default, labels: {app: agent}}
    expect: {pods: 0}
    times: 2
    every: 50ms
    within: 20s
    soak: 200ms
"""
FLAG_ONLY = """\
schema: psfir.runbook/1
id: flag-only
title: Flag only
system: assistant
mode: degrade
steps:
  - id: stop
    ladder:
      - lever: launchdarkly.flag
        target: FLAG
        set: {on: false}
        within: 10s
verify:
  - probe: launchdarkly.evaluation
    target: {connection: flags, flag: ai-summary, context: {kind: user, key: a-customer}}
    expect: {value: false}
    times: 1
    within: 20s
    soak: 0s
"""


@pytest.fixture(name="flags")
def _flags() -> Iterator[Account]:
    with LaunchDarkly() as server:
        yield account(server)


@pytest.fixture(name="cluster")
def _cluster() -> Iterator[Kubernetes]:
    with Kubernetes() as made:
        made.put(layouts.deployment(), layouts.service())
        made.settle()
        yield made


@pytest.fixture(name="desk")
def _desk(tmp_path: Path, flags: Account, cluster: Kubernetes) -> Path:
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "psfir.yaml").write_text(WORDS.replace("LD", flags.server.url))
    (tmp_path / "runbooks" / "off.yaml").write_text(BOOK.replace("FLAG", FLAG))
    (tmp_path / "runbooks" / "flag-only.yaml").write_text(FLAG_ONLY.replace("FLAG", FLAG))
    (tmp_path / "token").write_text(flags.token)
    (tmp_path / "sdk-key").write_text(flags.sdk_key)
    cluster.kubeconfig(tmp_path / "kubeconfig")
    return tmp_path


def test_where_the_flag_needs_an_approval_the_cluster_is_scaled_down(
    desk: Path, flags: Account, cluster: Kubernetes
) -> None:
    """405 on the first rung, the second one holds, pods are gone; then everything goes back exactly."""
    flags.estate.require_approval("shop", "production")
    killed = psfir(desk, "kill", "assistant", "--yes")
    assert killed.returncode == 0, killed.stdout + killed.stderr
    assert "CONTAINED" in killed.stdout
    assert "approval" in killed.stdout
    assert cluster.pods() == []
    assert flags.estate.writes == 0
    restored = psfir(desk, "restore", "--yes", me="lee")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    cluster.settle()
    assert len(cluster.pods()) == 3


def test_the_flag_alone_is_enough_where_it_works(desk: Path, flags: Account, cluster: Kubernetes) -> None:
    """An application that starts now sees it off, and the cluster was left alone."""
    done = psfir(desk, "kill", "assistant", "--mode", "degrade", "--yes", "--json")
    assert result(done)["verdict"] == "contained", done.stdout + done.stderr
    assert flags.estate.writes == 1
    assert cluster.writes == 0


def test_a_look_at_flags_loads_no_other_sdk(desk: Path) -> None:
    """A plan of a rung on LaunchDarkly is REST alone; its probe is not asked before the kill."""
    assert sdks(desk, "plan", "assistant", "--mode", "degrade") == set()


def test_a_kill_by_flag_loads_its_probe_and_nothing_else(desk: Path) -> None:
    """Neither kubernetes nor botocore, although the workspace has connections to them."""
    assert sdks(desk, "kill", "assistant", "--mode", "degrade", "--yes") == {"ldclient"}


def test_a_plan_on_the_cluster_loads_its_client_and_nothing_else(desk: Path) -> None:
    """The official one."""
    assert sdks(desk, "plan", "assistant") == {"kubernetes"}


def test_everything_is_ready_beforehand(desk: Path, flags: Account, cluster: Kubernetes) -> None:
    """And where an approval will be asked for, that is said before the night."""
    done = psfir(desk, "lever", "check", "--all", "--json")
    ready = {(one["runbook"], one["rung"]): one["ready"] for one in result(done)["rungs"]}
    assert done.returncode in {0, 6}, done.stdout
    assert ready["off", 2] in {"ready", "beware"}
    flags.estate.require_approval("shop", "production")
    done = psfir(desk, "lever", "check", "--all", "--json")
    assert done.returncode == 1
    (rung,) = [one for one in result(done)["rungs"] if (one["runbook"], one["rung"]) == ("off", 1)]
    assert any(one["matter"] == "approval" and one["ready"] == "would_fail" for one in rung["findings"])
    assert (flags.estate.writes, cluster.writes) == (0, 0)
