"""What would be in the way tonight, asked of Unleash beforehand. Nothing is changed.

It says who the token is and what that one may do, so permissions are read and not tried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Busy, NoAnswer, NoSuchTarget, PsfirError, Unreachable
from psfir.levers.unleash.moving import look
from psfir.levers.unleash.place import Place
from psfir.levers.unleash.strategies import State, words
from psfir.vendors.http import Deadline
from psfir.vendors.unleash import SKIP, Ask, Unleash, admin

_UNSEEN = (Busy, Unreachable, NoAnswer)
_ALL = "ADMIN"
_WAITING = {"Draft", "In review", "Approved", "Scheduled"}


class Checkup:
    """All looks at one flag, within one deadline."""

    def __init__(self, api: Unleash, place: Place, *, within: float) -> None:
        self._api = api
        self._place = place
        self._deadline = Deadline(within)

    def all(self, needed: Callable[[State], tuple[Sequence[str], Sequence[str]]]) -> list[Finding]:
        """`needed` says which permissions the rung and its restore need in this state, or raises why it would fail."""
        try:
            said = self._get("user")
            who, rights = _who(said), _rights(said)
        except PsfirError as error:
            return [failed(Matter.CREDENTIAL, error)]
        found = [Finding(Matter.CREDENTIAL, Ready.READY, self._api.clean(f"the token is {who}"))]
        try:
            state, _ = look(self._api, self._place, within=self._deadline.left)
            wants, later = needed(state)
        except PsfirError as error:
            return [*found, failed(Matter.TARGET, error)]
        found.append(Finding(Matter.TARGET, Ready.READY, f"{self._place} {words(state)}"))
        return [*found, self._permission(rights, wants, later), self._approval(rights), self._undone_by()]

    def _permission(self, rights: Sequence[Mapping[str, Any]], wants: Sequence[str], later: Sequence[str]) -> Finding:
        """What only putting back needs is in nobody's way tonight: another token may be kept for that."""
        where = f"in project {self._place.project}, environment {self._place.environment}"
        if lacks := [one for one in wants if not self._may(rights, one)]:
            says = f"the token lacks {', '.join(lacks)} {where}"
            return Finding(Matter.PERMISSION, Ready.WOULD_FAIL, says, "give its role what it lacks")
        if lacks := [one for one in later if not self._may(rights, one)]:
            says = f"the token lacks {', '.join(lacks)} {where}, which putting it back needs"
            return Finding(Matter.PERMISSION, Ready.BEWARE, says, "restore with a token that has it")
        return Finding(Matter.PERMISSION, Ready.READY, f"the token has {', '.join(wants)}")

    def _approval(self, rights: Sequence[Mapping[str, Any]]) -> Finding:
        """Unleash without change requests does not know their address."""
        if self._may(rights, SKIP):
            return Finding(Matter.APPROVAL, Ready.READY, "the token may skip change requests")
        try:
            said = self._get("projects", self._place.project, "change-requests", "config")
        except NoSuchTarget:
            return Finding(Matter.APPROVAL, Ready.READY, "this Unleash has no change requests")
        except PsfirError as error:
            return Finding(Matter.APPROVAL, Ready.COULD_NOT_TELL, error.what, error.todo)
        here = [one for one in _objects(said) if one.get("environment") == self._place.environment]
        if not here:
            says = f"whether environment {self._place.environment} wants a change request is not said"
            return Finding(Matter.APPROVAL, Ready.COULD_NOT_TELL, says, "pull it once in a drill")
        if here[0].get("changeRequestEnabled") is True:
            says = f"environment {self._place.environment} wants a change request, and the token may not skip it"
            return Finding(Matter.APPROVAL, Ready.WOULD_FAIL, says, f"give its role {SKIP}")
        return Finding(Matter.APPROVAL, Ready.READY, f"environment {self._place.environment} wants none")

    def _undone_by(self) -> Finding:
        try:
            said = self._get("projects", self._place.project, "change-requests", "pending", self._place.flag)
        except NoSuchTarget:
            return Finding(Matter.UNDONE_BY, Ready.READY, "this Unleash has no change requests that could wait")
        except PsfirError as error:
            return Finding(Matter.UNDONE_BY, Ready.COULD_NOT_TELL, error.what, error.todo)
        here = [one for one in _objects(said) if one.get("environment") == self._place.environment]
        waits = [one for one in here if one.get("state") in _WAITING]
        if not waits:
            return Finding(Matter.UNDONE_BY, Ready.READY, "no change request waits for it")
        each = ", ".join(f"{one.get('id')} ({one.get('state')})" for one in waits)
        says = self._api.clean(f"a change request waits that would change it: {each}")
        return Finding(Matter.UNDONE_BY, Ready.BEWARE, says, "take it back in Unleash, or know of it")

    def _may(self, rights: Sequence[Mapping[str, Any]], permission: str) -> bool:
        """A right without a project or an environment is one in all of them."""
        return any(
            one.get("permission") == _ALL
            or (
                one.get("permission") == permission
                and one.get("project") in {None, "", "*", self._place.project}
                and one.get("environment") in {None, "", "*", self._place.environment}
            )
            for one in rights
        )

    def _get(self, *steps: str) -> Any:  # noqa: ANN401 - JSON as it came
        return self._api.ask(Ask("GET", admin(*steps)), within=self._deadline.left)


def failed(matter: Matter, error: PsfirError) -> Finding:
    """What it is tonight, it need not be; only an error about the thing itself says that the rung would fail."""
    ready = Ready.COULD_NOT_TELL if isinstance(error, _UNSEEN) else Ready.WOULD_FAIL
    return Finding(matter, ready, error.what, error.todo)


def _who(said: object) -> str:
    user = said.get("user") if isinstance(said, Mapping) else None
    named = user if isinstance(user, Mapping) else {}
    return str(named.get("username") or named.get("name") or named.get("email") or "without a name")


def _rights(said: object) -> list[Mapping[str, Any]]:
    return _objects(said.get("permissions") if isinstance(said, Mapping) else None)


def _objects(said: object) -> list[Mapping[str, Any]]:
    return [one for one in said if isinstance(one, Mapping)] if isinstance(said, list) else []
