"""The scenario clock: the sum, over the stretches in which it ran, of real time times speed. Exact, whatever happens.

Instants are whole microseconds. Sums are kept as fractions, so that no number of pauses and changes of speed loses any
part of one; only what is shown is rounded down. Real time that goes backwards counts as standing still.
"""

from __future__ import annotations

from fractions import Fraction

from psfir.domain.values import frozen

SECOND = 1_000_000
_STILL = Fraction(0)


@frozen
class Stretch:
    """From the real instant `since` on, scenario time goes on from `base`, at `speed`; at 0 it stands still."""

    since: int
    base: Fraction
    speed: Fraction


@frozen
class ScenarioClock:
    """Where scenario time stands, and stood. `speed` is that at which it runs whenever it runs."""

    speed: Fraction = Fraction(1)
    stretches: tuple[Stretch, ...] = ()

    @property
    def running(self) -> bool:
        return bool(self.stretches) and self.stretches[-1].speed != _STILL

    @property
    def compressed(self) -> bool:
        """Whether it ever ran at another speed than real time: then it is no evidence of how long anything takes."""
        return any(one.speed not in {_STILL, Fraction(1)} for one in self.stretches)

    def started(self, now: int, speed: Fraction) -> ScenarioClock:
        return ScenarioClock(speed, (Stretch(now, Fraction(0), speed),))

    def paused(self, now: int) -> ScenarioClock:
        return self._from(now, self._exact(now), _STILL, self.speed)

    def resumed(self, now: int) -> ScenarioClock:
        return self._from(now, self._exact(now), self.speed, self.speed)

    def at_speed(self, now: int, speed: Fraction) -> ScenarioClock:
        """Of one that stands still, the speed at which it will go on."""
        return self._from(now, self._exact(now), speed if self.running else _STILL, speed)

    def taken_up(self, now: int, at: int) -> ScenarioClock:
        """After the process that led it died: it goes on from this scenario instant, not before what was logged."""
        before = self.stretches[-1] if self.stretches else Stretch(now, Fraction(0), self.speed)
        return self._from(now, max(Fraction(at), before.base), before.speed, self.speed)

    def at(self, real: int) -> int:
        """The scenario instant at a real one; of one before the start, 0."""
        return int(self._exact(real))

    def real(self, at: int) -> int | None:
        """The first real instant at which it came, or will come, to a scenario instant; None if it stands still."""
        for one, later in zip(self.stretches, (*self.stretches[1:], None), strict=True):
            if one.base >= at:
                return one.since
            found = one.since - ((one.base - at) / one.speed).__floor__() if one.speed else None
            if found is not None and (later is None or (found <= later.since and at <= later.base)):
                return found
        return None

    def _exact(self, real: int) -> Fraction:
        """Looks from the back: what is asked for is nearly always now."""
        for index in range(len(self.stretches) - 1, -1, -1):
            one = self.stretches[index]
            if real >= one.since:
                found = one.base + (real - one.since) * one.speed
                following = self.stretches[index + 1 : index + 2]
                return min([found, *(later.base for later in following)])
        return Fraction(0)

    def _from(self, now: int, base: Fraction, speed: Fraction, kept: Fraction) -> ScenarioClock:
        last = self.stretches[-1] if self.stretches else None
        if last is not None and now < last.since:
            now, base = last.since, max(base, last.base)
        return ScenarioClock(kept, (*self.stretches, Stretch(now, base, speed)))
