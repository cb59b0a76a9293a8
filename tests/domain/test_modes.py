"""The closed lists, and that every way to fail is covered by one of the cases that a plan must cover."""

from psfir.domain.modes import CASE_OF, Autonomy, FailureMode, Mode, PlanCase, Severity


def test_every_failure_mode_belongs_to_one_case() -> None:
    """Seven ways to fail, three cases, and no case that nothing leads to."""
    assert set(CASE_OF) == set(FailureMode)
    assert set(CASE_OF.values()) == set(PlanCase)
    assert len(FailureMode) == 7


def test_the_words_that_files_use() -> None:
    """Each list is closed: a word more or less is a change of every file's format."""
    assert list(Mode) == ["disable", "degrade", "isolate"]
    assert list(PlanCase) == ["harmful_output", "data_leakage", "model_failure"]
    assert list(FailureMode) == ["input", "output", "data", "drift", "integration", "oversight", "vendor"]
    assert list(Autonomy) == ["advisory", "supervised", "autonomous"]


def test_the_worst_severity_sorts_first() -> None:
    """So that lists of incidents begin with what matters most."""
    assert sorted(Severity) == [Severity.SEV1, Severity.SEV2, Severity.SEV3, Severity.SEV4]
