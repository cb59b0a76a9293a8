"""What `psfir permissions` prints is enough for the reference runbooks, and no line of it is there for nothing."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from psfir.app.init import lay_out
from psfir.app.session import Door, Session, open_session
from psfir.cli.main import psfir
from psfir.domain.about import Phase
from tests.content.applied_rights import APPLIED, Applied
from tests.content.exercises import Somebody, exercises
from tests.content.permissions_estate import Reference, overlay, whole
from tests.content.test_reference import SYSTEM


class Stand:
    """A document printed, applied, and somebody who has no more than that."""

    def __init__(self, root: Path, reference: Reference, kind: str, phase: Phase) -> None:
        make, name = APPLIED[kind], f"psfir-{phase.value}"
        words = ["--for", "launchdarkly" if "flags" in make.connection else kind, "--connection", make.connection]
        words += ["--phase", phase.value, "--to", f"serviceaccount:ops:{name}"]
        self._root, self._env = root, {"PSFIR_ME": "ada", "HOME": str(root)}
        self.applied: Applied = make(reference, self._said(*words), root, name)
        there = {**reference.there, make.connection: self.applied.there}
        narrow = {**reference.env, **self.applied.env, "PSFIR_CONNECTIONS": overlay(root / "narrow.yaml", there)}
        admin = self._session(reference.env)
        self.somebody = Somebody(admin, self._session(narrow), self.applied)
        self.exercises = exercises(admin, make.connection, phase)

    def _said(self, *words: str) -> str:
        done = CliRunner().invoke(psfir, ["permissions", SYSTEM, *words, "-w", str(self._root)], env=self._env)
        assert done.exit_code == 0, done.output
        return done.stdout

    def _session(self, env: Mapping[str, str]) -> Session:
        return open_session(Door(env={**self._env, **env}), workspace=self._root)


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[Reference]:
    with whole(tmp_path) as found:
        yield found


@pytest.mark.parametrize("kind", APPLIED)
def test_what_is_printed_is_enough_and_each_line_is_needed(
    tmp_path: Path, reference: Reference, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With it every rung, probe and capture goes well; with one line less that is not marked, one of them does not."""
    root = lay_out(tmp_path / "ops", reference=True).root
    for phase in Phase:
        stand = Stand(root, reference, kind, phase)
        needless = [line for line in stand.applied.lines if not line.only]
        unmarked, denied = len(needless), dict[str, str]()
        for exercise in stand.exercises:
            theirs = [line for line in needless if exercise.touches(line)]
            for line, why in stand.somebody.spared(exercise, theirs):
                if line is None:
                    denied |= {str(exercise): why} if why else {}
                elif why:
                    needless.remove(line)
        assert denied == {}
        assert needless == []
        with capsys.disabled():
            said = f"{len(stand.exercises)} rungs, probes and captures; {unmarked} lines taken away one by one"
            print(f"\n{kind} to {phase.value}: {said}, {len(stand.applied.lines) - unmarked} marked")  # noqa: T201 - its size
