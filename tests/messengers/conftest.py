"""A certificate authority of its own for the mail servers of this folder."""

from pathlib import Path

import pytest

from psfir.testing.certificates import authority


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority(tmp_path_factory.mktemp("pki"))
