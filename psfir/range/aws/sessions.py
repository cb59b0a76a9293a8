"""Whose key a request is signed with: learnt from the answers that hand keys out, and read from the signature's head.

The signature itself is not recomputed here; the moto server behind does that for whatever reaches it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import field
from threading import Lock

from psfir.domain.values import frozen
from psfir.range.aws.moto import ACCOUNT
from psfir.range.server import Asked

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
_TOLD = re.compile(r"<(AccessKeyId|SessionToken|Arn)>([^<]*)</")


@frozen
class Credential:
    """What a signature's head says: whose key, and for which region and service it signed."""

    key: str
    region: str
    service: str


@frozen
class Caller:
    """`principal` is whose policies count, empty for who may do everything; `arn` is what errors name."""

    arn: str
    principal: str = ""
    token: str = field(default="", repr=False)


@frozen
class Issued:
    """A session's keys."""

    key: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    arn: str


def credential(asked: Asked) -> Credential | None:
    """None if it is not signed."""
    found = _CREDENTIAL.search(asked.headers.get("authorization", ""))
    return Credential(found[1], found[3], found[4]) if found else None


class Sessions:
    """Every key that the range has handed out, and the root's own. Any thread may use it."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._lock = Lock()
        self._callers: dict[str, Caller] = {}
        self.reset()

    def who(self, asked: Asked) -> Caller | None:
        """None for a key that nobody was given, and for a session's key without its token."""
        found = credential(asked)
        with self._lock:
            caller = self._callers.get(found.key) if found else None
        given = asked.headers.get("x-amz-security-token", "")
        return caller if caller and caller.token == given else None

    def add(self, key: str, caller: Caller) -> None:
        with self._lock:
            self._callers[key] = caller

    def learn(self, form: Mapping[str, str], answer: bytes) -> None:
        """From what was answered to that form, if keys were handed out by it."""
        told = dict(_TOLD.findall(answer.decode("utf-8", "replace")))
        if form.get("Action") == "AssumeRole" and "SessionToken" in told:
            self.add(told["AccessKeyId"], Caller(told.get("Arn", ""), form["RoleArn"], told["SessionToken"]))
        elif form.get("Action") == "CreateAccessKey" and "AccessKeyId" in told and "UserName" in form:
            arn = f"arn:aws:iam::{ACCOUNT}:user/{form['UserName']}"
            self.add(told["AccessKeyId"], Caller(arn, arn))

    def issue(self, form: Mapping[str, str]) -> Issued:
        """A session of the role that the form names, which no STS behind knows of."""
        role, name = form.get("RoleArn", ""), form.get("RoleSessionName", "")
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role.rpartition('/')[2]}/{name}"
        made = Issued(f"ASIA{secrets.token_hex(8).upper()}", secrets.token_hex(20), secrets.token_hex(64), arn)
        self.add(made.key, Caller(arn, role, made.token))
        return made

    def reset(self, kept: Collection[str] = ()) -> None:
        """Only the root's own is left, and those that are `kept`."""
        with self._lock:
            left = {key: caller for key, caller in self._callers.items() if key in kept}
            self._callers = {**left, self._root: Caller(f"arn:aws:iam::{ACCOUNT}:root")}
