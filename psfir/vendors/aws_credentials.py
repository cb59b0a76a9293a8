"""Where the credentials of an AWS connection come from: keys by reference, or the SDK's own search, and then a role.

The SDK's search may run a program, ask a metadata address or refresh a sign-in, none of which knows a deadline: a
thread that can be abandoned does it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import field
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.domain.scrub import SHORTEST, Scrubber
from psfir.domain.values import frozen
from psfir.errors import Denied, LeverError, Unreachable
from psfir.vendors.aws_errors import Ask, Teller
from psfir.vendors.deadline import Deadline

if TYPE_CHECKING:
    from botocore.session import Session

_ROLE_FOR = 900
_ROLE_USED_FOR = 600.0
"""A role's keys are asked for 15 minutes, the least there is, and used for ten."""


@frozen
class Keys:
    """One set of keys as calls are signed with it."""

    access: str = field(repr=False)
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """Tells one set from another without keeping it."""
        return hashlib.sha256("\0".join((self.access, self.secret, self.token or "")).encode()).hexdigest()


AskWith = Callable[[Ask, Keys, Deadline], Mapping[str, Any]]


class Credentials:
    """Looked up anew for each call, so that rotated ones are found; only a role's keys are kept for a while."""

    def __init__(self, connection: BoundConnection, scrubber: Scrubber, teller: Teller) -> None:
        self._connection = connection
        self._scrubber = scrubber
        self._teller = teller
        self._lock = Lock()
        self._found: Any = None
        self._role: tuple[str, Keys, Deadline] | None = None

    @property
    def named(self) -> bool:
        """Whether psfir.yaml names keys, so that no profile of the person who runs psfir may have a say."""
        refs: Mapping[str, str] = getattr(self._connection, "refs", {})
        return "access_key_id" in refs or "secret_access_key" in refs

    def keys(self, session: Session, deadline: Deadline, ask: AskWith) -> Keys:
        """What to sign with now."""
        base = self._named() if self.named else self._searched(session, deadline)
        role = self._connection.settings.get("assume_role")
        return self._assumed(str(role), base, deadline, ask) if role else base

    def _named(self) -> Keys:
        access, secret = (self._connection.secret(name) for name in ("access_key_id", "secret_access_key"))
        if not (access and secret):
            missing = "secret_access_key" if access else "access_key_id"
            todo = f"name where the {missing} is, too"
            raise Denied("half of its keys is missing", where=self._teller.where, todo=todo)
        return self._learned(Keys(access, secret, self._connection.secret("session_token")))

    def _searched(self, session: Session, deadline: Deadline) -> Keys:
        done, found, failed = Event(), list[Keys](), list[Exception]()

        def search() -> None:
            try:
                found.extend(self._search(session))
            except Exception as error:  # noqa: BLE001 - whatever a profile's program or plugin does is told in a sentence
                failed.append(error)
            done.set()

        Thread(target=search, name="psfir looking for AWS credentials", daemon=True).start()
        where = self._teller.where
        if not done.wait(deadline.left):
            todo = "run what the profile runs by hand, or name keys in psfir.yaml"
            raise Unreachable("the search for AWS credentials did not end in time", where=where, todo=todo)
        if failed:
            raise self._teller.no_credentials(failed[0])
        if not found:
            raise self._teller.no_credentials(LookupError("none were found where the SDK looks for them"))
        return self._learned(found[0])

    def _search(self, session: Session) -> list[Keys]:
        with self._lock:
            if self._found is None:
                self._found = session.get_credentials()
            if self._found is None:
                return []
            keys = self._found.get_frozen_credentials()
        return [Keys(keys.access_key, keys.secret_key, keys.token)]

    def _assumed(self, role: str, base: Keys, deadline: Deadline, ask: AskWith) -> Keys:
        kept = self._role
        if kept and kept[0] == base.digest and kept[2].left > 0:
            return kept[1]
        params: dict[str, Json] = {"RoleArn": role, "RoleSessionName": "psfir", "DurationSeconds": _ROLE_FOR}
        if external := self._connection.secret("external_id"):
            self._learn(external)
            params["ExternalId"] = external
        used_for = Deadline(_ROLE_USED_FOR)
        try:
            said = ask(Ask("sts", "AssumeRole", params), base, deadline)["Credentials"]
        except Denied as error:
            todo = f"{error.todo}; the trust policy of {role} must name it, too, and its external id if it asks for one"
            raise Denied(error.what, where=error.where, todo=todo) from None
        except KeyError:
            raise LeverError("sts AssumeRole answered without credentials", where=self._teller.where) from None
        keys = self._learned(Keys(said["AccessKeyId"], said["SecretAccessKey"], said["SessionToken"]))
        self._role = base.digest, keys, used_for
        return keys

    def _learned(self, keys: Keys) -> Keys:
        for value in (keys.secret, keys.token, keys.access if self.named else None):
            if value is not None:
                self._learn(value)
        return keys

    def _learn(self, value: str) -> None:
        if len(value) >= SHORTEST:
            self._scrubber.learn(value, self._teller.where)
