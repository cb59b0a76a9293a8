"""A Kubernetes cluster for each test, and the official client on it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kubernetes import config

from psfir.range.kubernetes.server import Kubernetes
from tests.range.kubernetes_client import Client, Connect


@pytest.fixture
def cluster() -> Iterator[Kubernetes]:
    with Kubernetes() as cluster:
        yield cluster


@pytest.fixture
def connect(cluster: Kubernetes, tmp_path: Path) -> Connect:
    """The official client as that user, made from a kubeconfig as anyone's is."""

    def connected(user: str = "admin", server: str = "", of: Kubernetes | None = None) -> Client:
        path = (of or cluster).kubeconfig(tmp_path / "kubeconfig", user=user, server=server)
        make: Callable[[str], Client] = config.new_client_from_config
        return make(str(path))

    return connected


@pytest.fixture
def api(connect: Connect) -> Client:
    return connect("admin")
