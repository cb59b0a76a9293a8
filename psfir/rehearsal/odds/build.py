"""From a runbook, the workspace and what is known of times to a model: the same shares that `psfir lint` adds up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psfir.domain.about import LeverAbout
from psfir.domain.budget import REREAD_SHARE, ordered, reading_share
from psfir.domain.runbook import ProbeUse, Runbook, Rung, Step
from psfir.domain.system import Connection
from psfir.domain.values import frozen
from psfir.loading.rules_ladder import network_of, vendor_of
from psfir.rehearsal.odds.blend import chance, times, together
from psfir.rehearsal.odds.history import METRICS, History
from psfir.rehearsal.odds.model import Climb, Model, People, Pull, Short, Spread, Watch
from psfir.rehearsal.odds.priors import Priors


@frozen
class Known:
    """All that is known beside the runbook. `approvers` is how many people may say yes to a kill."""

    abouts: Mapping[str, LeverAbout]
    connections: Mapping[str, Connection]
    approvers: int
    priors: Priors
    history: History


def model(book: Runbook, known: Known) -> Model:
    """What would be simulated of this runbook."""
    priors, read = known.priors, known.priors.times["read"]
    steps = tuple(_climb(step, known) for step in ordered(book.steps))
    watches = tuple(_watch(use, known) for use in book.verify)
    needs = [one.needs for step in steps for one in step.pulls] + [one.needs for one in watches]
    events = {name: _odds(name, priors) for one in needs for name in one}
    rungs = sum(len(step.ladder) for step in book.steps)
    return Model(
        title=book.id,
        deadline=book.deadline,
        people=_people(book, known),
        plan=Short(read, reading_share(rungs)),
        captures=tuple(Short(_fraction(priors.capture, one.within), one.within) for one in book.capture),
        steps=steps,
        watches=watches,
        reread=Short(read, REREAD_SHARE),
        events=dict(sorted(events.items())),
        fail=priors.times["fail"],
        hangs=priors.chances["hangs"],
    )


def _people(book: Runbook, known: Known) -> People:
    prior, chances, seen, weight = known.priors.times, known.priors.chances, known.history, known.priors.weight
    acknowledge, declare = together(prior["acknowledge"], prior["declare"], seen.declared, weight=weight)
    decide, approve = together(prior["decide"], prior["approve"], seen.decided, weight=weight)
    return People(
        detect=prior["detect"],
        acknowledge=acknowledge,
        declare=declare,
        decide=decide,
        approve=approve,
        second_yes=times(prior["second_yes"], seen.agreed, weight=weight),
        away=prior["away"],
        break_glass=prior["break_glass"],
        bad_hour=chances["bad_hour"],
        away_chance=chances["away"],
        away_chance_bad=chances["away_bad_hour"],
        others=max(0, known.approvers - 1),
        yeses=book.approval.kill - 1,
        wait=book.approval.within,
    )


def _climb(step: Step, known: Known) -> Climb:
    pulls = (_pull(step, number, rung, known) for number, rung in enumerate(step.ladder, 1))
    return Climb(step.id, tuple(pulls), step.after)


def _pull(step: Step, number: int, rung: Rung, known: Known) -> Pull:
    """No pull takes less than its lever's change needs to spread. Times and failures of the same lever count."""
    priors, about = known.priors, known.abouts.get(rung.lever)
    prior = _fraction(priors.rung, rung.within)
    least = about.propagation if about else 0.0
    failed, tried = known.history.tries.get(rung.lever, (0, 0))
    return Pull(
        name=f"{step.id} {number}. {rung.lever}",
        share=rung.within,
        tries=1 + rung.retries,
        spread=times(
            Spread(max(prior.median, least), prior.sigma),
            known.history.pulls.get(rung.lever, ()),
            weight=priors.weight,
        ),
        fails=chance(priors.chances["rung_fails"], failed, tried, weight=priors.tries),
        needs=tuple(_needs(rung.connection, about, known)),
        n=tried,
    )


def _watch(use: ProbeUse, known: Known) -> Watch:
    priors, metric = known.priors, use.probe in METRICS
    settle = priors.times["settle_metric" if metric else "settle"]
    return Watch(
        id=use.id,
        settle=times(settle, known.history.settled.get(metric, ()), weight=priors.weight),
        look=priors.times["look"],
        times=use.times,
        every=use.every,
        within=use.within,
        each=use.each,
        blind=priors.chances["blind"],
        needs=tuple(_needs(use.connection, None, known)),
    )


def _needs(name: str, about: LeverAbout | None, known: Known) -> Iterator[str]:
    """The events that make it fail: its vendor is down, its network cut, its credential void."""
    link = known.connections.get(name)
    if link is None:
        return
    vendor = vendor_of(about, link)
    yield f"vendor {vendor}" if vendor else f"connection {name}"
    network = network_of(link)
    if network:
        yield f"network {network}"
    yield from (f"credential {secret}" for secret in sorted(set(link.secrets.values())))


def _odds(event: str, priors: Priors) -> float:
    kind = event.partition(" ")[0]
    return priors.chances[{"network": "network_down", "credential": "credential_void"}.get(kind, "vendor_down")]


def _fraction(part: Spread, share: float) -> Spread:
    return Spread(part.median * share, part.sigma)
