"""The AWS of the range as one thing: the moto server with what stands before it, its account, and clients by role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from psfir.errors import UsageError
from psfir.range.aws.account import ROOT, connection, opened
from psfir.range.aws.bedrock import Models
from psfir.range.aws.moto import ACCOUNT, Moto
from psfir.range.aws.server import AwsRange
from psfir.range.clock import RangeClock
from psfir.vendors.aws import AwsClient

_THROWS = 50


class Cloud:
    """Between `start` and `stop` there is an `aws`. `moto` is None where it is not installed, or not wanted."""

    def __init__(self, models: Models, clock: RangeClock) -> None:
        self._models = models
        self._clock = clock
        self._opened = 0
        self._clients: dict[str, AwsClient] = {}
        self._issued: set[str] = set()
        self.keys: Mapping[str, str] = ROOT
        self.moto: Moto | None = None
        self._missing: UsageError | None = None
        self.aws: AwsRange

    def start(self, *, moto: bool = True) -> None:
        upstream, aws = "", None
        if moto:
            try:
                self.moto = Moto().start()
            except UsageError as error:
                self._missing = error
        if self.moto:
            self.keys = opened(self.moto)
            upstream, aws = self.moto.url, AwsClient(connection(self.moto.url, self.keys))
        self.aws = AwsRange(upstream or None, aws, root=self.keys, clock=self._clock, models=self._models)
        self.aws.__enter__()

    def stop(self) -> None:
        if "aws" in vars(self):
            self.aws.__exit__()
        if self.moto:
            self.moto.stop()

    @property
    def gone(self) -> bool:
        """Whether there was an account behind it that is no more."""
        return self.moto is not None and self.moto.gone

    @property
    def note(self) -> str:
        """What is missing of it although it was wanted; empty if nothing is."""
        if self.gone:
            return "AWS is gone: its process ended"
        if self._missing is None:
            return ""
        why = f"{self._missing.what} ({self._missing.todo})"
        return f"AWS is missing: {why}. Until then roles may do everything, and no lever of AWS can be pulled"

    def reset(self) -> None:
        """An empty account with the root's keys as they were.

        The clients that it gave go on in their sessions: making them anew costs more than all else.
        """
        if self.moto:
            self._reopen(self.moto)
        self.aws.reset(self._issued)

    def _reopen(self, moto: Moto) -> None:
        """Calls that were under way draw from the same dice as the keys, so it may take more than one throw."""
        for _ in range(_THROWS):
            moto.reset()
            self._opened += 1
            if opened(moto, self._opened) == self.keys:
                return
        raise UsageError("the AWS of the range was never left alone while it was reset", todo="bring it up anew")

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """Inside, the account can be laid out; from the end on, policies count."""
        yield
        if self.moto:
            self.moto.enforce()

    def role(self, name: str) -> str:
        arn = self.aws.account.role(name)
        self.aws.account.allow(name)
        return arn

    def client(self, role: str) -> AwsClient:
        """Calls of a program that runs in that role; the same client for all who have it.

        It has its session from where it runs, as pods have, and asks nobody for one.
        """
        if role not in self._clients:
            arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
            issued = self.aws.sessions.issue({"RoleArn": arn, "RoleSessionName": role})
            self._issued.add(issued.key)
            keys = {"access_key_id": issued.key, "secret_access_key": issued.secret, "session_token": issued.token}
            self._clients[role] = AwsClient(connection(self.aws.url, keys))
        return self._clients[role]
