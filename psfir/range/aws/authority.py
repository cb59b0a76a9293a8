"""What a role may do now: its policies as the account has them, or, where a change takes its time, as they were.

Asking costs no call while nothing was written. A write of IAM ends what is known of the roles it is about; with
`propagation` they keep what they had for so long, while whoever reads a policy back sees the new one at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic  # noqa: TID251 - a simulated world lives in real time
from typing import TypeAlias

from psfir.errors import NoSuchTarget
from psfir.range.aws.moto import ACCOUNT
from psfir.range.aws.policies import Decided, Policies, policies
from psfir.vendors.aws import AwsClient

_ALWAYS = float("-inf")
_NOTHING = Policies(())
_Timeline: TypeAlias = list[tuple[float, Policies]]
"""From when on which policies count."""


class Authority:
    """Reads policies with `aws`; without one everything is allowed. Any thread may use it."""

    def __init__(self, aws: AwsClient | None) -> None:
        self._aws = aws
        self._lock = Lock()
        self._writing = Lock()
        self._known: dict[str, _Timeline] = {}
        self._version = 0
        self._propagation = 0.0

    @property
    def propagation(self) -> float:
        """How many seconds a write of IAM takes to count. Back at 0, whatever was written counts at once."""
        return self._propagation

    @propagation.setter
    def propagation(self, seconds: float) -> None:
        self._propagation = seconds
        if not seconds:
            self.forget()

    def may(self, principal: str, action: str, resource: str) -> bool:
        """Whether that role or user, by its ARN, may do that now."""
        return self.decide(principal, action, resource).how == "allowed"

    def decide(self, principal: str, action: str, resource: str) -> Decided:
        if self._aws is None:
            return Decided("allowed")
        return self._in_force(_short(principal)).decide(action, resource)

    @contextmanager
    def writing(self, role: str = "") -> Iterator[None]:
        """Around a write of IAM, which is about the role of that name; about anybody, if none is given."""
        with self._writing:
            delay = self._propagation
            about = f"role/{role}" if role else ""
            slow = ([about] if about else self._all()) if delay else []
            for one in slow:
                self._in_force(one)
            try:
                yield
            finally:
                at = monotonic() + delay
                if not delay:
                    self.forget(about)
                for one in slow:
                    self._then(one, at)

    def forget(self, about: str = "") -> None:
        """Read anew what that one may do, or what anybody may."""
        with self._lock:
            self._version += 1
            if about:
                self._known.pop(about, None)
            else:
                self._known.clear()

    def reset(self) -> None:
        self.propagation = 0.0

    def _all(self) -> list[str]:
        with self._lock:
            return list(self._known)

    def _in_force(self, short: str) -> Policies:
        while True:
            with self._lock:
                version = self._version
                if timeline := self._known.get(short):
                    return _now(timeline)
            found = self._read(short)
            with self._lock:
                # Whatever was written meanwhile may or may not be in it.
                if version == self._version:
                    self._known.setdefault(short, [(_ALWAYS, found)])

    def _then(self, short: str, at: float) -> None:
        found = self._read(short)
        with self._lock:
            self._known.setdefault(short, []).append((at, found))

    def _read(self, short: str) -> Policies:
        if self._aws is None:
            return _NOTHING
        try:
            return policies(self._aws, f"arn:aws:iam::{ACCOUNT}:{short}")
        except NoSuchTarget:
            return _NOTHING


def _now(timeline: _Timeline) -> Policies:
    now = monotonic()
    while len(timeline) > 1 and timeline[1][0] <= now:
        del timeline[0]
    return timeline[0][1]


def _short(arn: str) -> str:
    """role/name, without a path: names are unique without it."""
    kind, _, path = arn.split(":", 5)[-1].partition("/")
    return f"{kind}/{path.rpartition('/')[2]}"
