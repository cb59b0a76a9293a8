"""`cluster`: a real one if PSFIR_TEST_KUBECONFIG names it, the range's own otherwise, and a test cannot tell which."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from psfir.range.kubernetes.controllers import Pace
from psfir.range.kubernetes.server import Kubernetes
from tests.levers.kubernetes.any_cluster import REAL, AnyCluster


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[AnyCluster]:
    if REAL:
        with AnyCluster(Path(REAL), tmp_path) as cluster:
            yield cluster
        return
    with Kubernetes(pace=Pace(kubelet=False, undo=15.0)) as stand_in:
        with AnyCluster(stand_in.kubeconfig(tmp_path / "admin"), tmp_path) as cluster:
            yield cluster
        assert not cluster.there(), "what the test made is still there"
