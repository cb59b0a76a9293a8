"""Each prior says where it is from; what nobody has measured says so."""

from math import erf, log, sqrt

from psfir.rehearsal.odds.priors import GRADES, shipped


def test_each_says_its_source_and_grade() -> None:
    """An assumption may have no source; anything better names one."""
    for one in shipped().said:
        assert one.grade in GRADES, one
        assert one.why.endswith("."), one
        assert one.grade == "assumption" or len(one.source) > 10, one


def test_every_number_is_a_time_or_a_chance() -> None:
    found = shipped()
    for spread in (*found.times.values(), found.rung, found.capture):
        assert spread.median > 0 < spread.sigma
    assert all(0 < chance < 1 for chance in found.chances.values())
    assert found.weight > 0 < found.tries


def test_what_was_published_is_met() -> None:
    """Detection: half within 37 minutes, 29 % over an hour."""
    detect = shipped().times["detect"]
    assert detect.median == 37 * 60
    over = 0.5 * (1 - erf(log(3600 / detect.median) / detect.sigma / sqrt(2)))
    assert abs(over - 0.29) < 0.005
