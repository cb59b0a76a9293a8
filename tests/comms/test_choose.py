"""Which template a message is made of."""

from dataclasses import replace

import pytest

from psfir.comms.choose import Wanted, choose
from psfir.comms.template import Template
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import PlanCase, Severity
from psfir.errors import UsageError

ANY = Template("any", Audience.CUSTOMERS, Phase.SCOPE, "en", "email", "T", "B", "ada", "sha256:0")
LEAK = replace(ANY, id="leak", variant="data_leakage", covers=(PlanCase.DATA_LEAKAGE,))
HARM = replace(ANY, id="harm", variant="harmful_output", covers=(PlanCase.HARMFUL_OUTPUT,))
GERMAN = replace(ANY, lang="de")
BAD = replace(ANY, id="bad", variant="bad", severity=Severity.SEV1, covers=(PlanCase.MODEL_FAILURE,))
SHELF = [ANY, GERMAN, LEAK, HARM, BAD]
WANTED = Wanted(Audience.CUSTOMERS, Phase.SCOPE, "en")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (WANTED, "any.en"),
        (replace(WANTED, case=PlanCase.DATA_LEAKAGE), "leak.en"),
        (replace(WANTED, case=PlanCase.HARMFUL_OUTPUT), "harm.en"),
        (replace(WANTED, case=PlanCase.MODEL_FAILURE), "any.en"),
        (replace(WANTED, case=PlanCase.MODEL_FAILURE, severity=Severity.SEV1), "bad.en"),
        (replace(WANTED, variant="data_leakage"), "leak.en"),
        (replace(WANTED, lang="de"), "any.de"),
        (replace(WANTED, lang="de-AT"), "any.de"),
    ],
)
def test_the_most_special_one_that_fits(wanted: Wanted, found: str) -> None:
    """By failure, severity, variant and language."""
    choice = choose(SHELF, wanted)
    assert choice.template.key == found
    assert bool(choice.notices) == (wanted.lang == "de-AT")


def test_a_missing_language_falls_back_and_says_so() -> None:
    """Never a translation that nobody approved."""
    choice = choose(SHELF, replace(WANTED, lang="fr"))
    assert choice.template.key == "any.en"
    assert choice.notices == ("there is no any in fr: this is en, untranslated",)


def test_without_one_it_says_what_there_is() -> None:
    """For this audience, or for others."""
    with pytest.raises(UsageError, match="there is no template customers/holding") as error:
        choose(SHELF, replace(WANTED, phase=Phase.HOLDING))
    assert error.value.todo == "for customers there is: scope"
    with pytest.raises(UsageError, match="press/scope") as error:
        choose(SHELF, replace(WANTED, audience=Audience.PRESS))
    assert error.value.todo == "there are templates for: customers"
    with pytest.raises(UsageError, match="no template customers/scope is for sev2 about model_failure"):
        choose([BAD], replace(WANTED, case=PlanCase.MODEL_FAILURE))


def test_two_that_fit_alike_are_a_question() -> None:
    """Which of them, nobody but a person knows."""
    with pytest.raises(UsageError, match="2 templates fit") as error:
        choose([replace(ANY, id="a", variant="a"), replace(ANY, id="b", variant="b")], WANTED)
    assert error.value.todo == "--variant, one of a, b"


def test_where_it_turns_on_the_failure_that_is_the_question() -> None:
    """Each failure is named once, in however many languages there are texts for it."""
    with pytest.raises(UsageError, match="2 templates fit, by the failure") as error:
        choose([LEAK, replace(LEAK, lang="de"), HARM, replace(HARM, lang="de")], WANTED)
    assert error.value.todo == "--case, one of data_leakage, harmful_output"
