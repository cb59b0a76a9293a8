"""What would be in the way tonight, asked of the vendor beforehand. Nothing is changed.

Permission is tried with a dry run that asks for what is there already: even if it were taken for the real thing, it
would change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Busy, Denied, NoAnswer, PsfirError, Unreachable
from psfir.levers.launchdarkly.moving import look
from psfir.levers.launchdarkly.place import FLAG, Place
from psfir.levers.launchdarkly.targeting import PARTS, State, instructions, words
from psfir.levers.launchdarkly.waiting import approvals, gates, requested, scheduled
from psfir.vendors.http import Deadline
from psfir.vendors.launchdarkly import ApprovalNeeded, Ask, Conflict, LaunchDarkly, NotValid, texts

FEW = 5
"""So few calls left in a window are no headroom: one kill takes three to five."""

_UNSEEN = (Busy, Conflict, NotValid, Unreachable, NoAnswer)


class Checkup:
    """All looks at one place, within one deadline."""

    def __init__(self, api: LaunchDarkly, place: Place, *, within: float) -> None:
        self._api = api
        self._place = place
        self._deadline = Deadline(within)
        self._left: int | None = None
        self._approval_said = False

    def all(self, parts: Callable[[State], Sequence[str]]) -> list[Finding]:
        """`parts` says which parts of the state the rung would write; what it raises is why it would not."""
        credential = self.credential()
        if credential.ready is not Ready.READY:
            return [credential]
        try:
            state, tags, archived = self._target()
            would_write = parts(state)
        except PsfirError as error:
            return [credential, failed(Matter.TARGET, error)]
        found = [credential, _target_finding(self._place, state, archived=archived)]
        found += self._permission(state, would_write)
        if not self._approval_said:
            found.append(self.approval(tags))
        return [*found, *self.undone_by(), self.rate()]

    def credential(self) -> Finding:
        try:
            said = self._ask(Ask("GET", "/api/v2/caller-identity"))
        except PsfirError as error:
            return failed(Matter.CREDENTIAL, error)
        name = said.get("tokenName") or said.get("clientId") or said.get("memberId") or "without a name"
        kind = f", of kind {said['tokenKind']}" if said.get("tokenKind") else ""
        return Finding(Matter.CREDENTIAL, Ready.READY, self._api.clean(f"the token is {name}{kind}"))

    def approval(self, tags: object) -> Finding:
        if self._place.kind != FLAG:
            says = "whether AI Configs require an approval here cannot be read"
            return Finding(Matter.APPROVAL, Ready.COULD_NOT_TELL, says, "pull it once in a drill")
        try:
            settings = approvals(self._api, self._place, within=self._deadline.left)
        except PsfirError as error:
            return Finding(Matter.APPROVAL, Ready.COULD_NOT_TELL, str(error))
        if settings is None:
            return Finding(Matter.APPROVAL, Ready.COULD_NOT_TELL, "LaunchDarkly does not say whether one is required")
        if not gates(settings, tags):
            return Finding(Matter.APPROVAL, Ready.READY, f"environment {self._place.environment} requires none")
        says = f"environment {self._place.environment} requires one, and a dry run went through without"
        return Finding(Matter.APPROVAL, Ready.BEWARE, says, "pull it once in a drill to be sure")

    def undone_by(self) -> list[Finding]:
        if self._place.kind != FLAG:
            return []
        try:
            waits = scheduled(self._api, self._place, within=self._deadline.left)
            waits += requested(self._api, self._place, within=self._deadline.left)
        except PsfirError as error:
            return [Finding(Matter.UNDONE_BY, Ready.COULD_NOT_TELL, str(error))]
        todo = "take it away, or say ignore_conflicts: true"
        found = [Finding(Matter.UNDONE_BY, Ready.BEWARE, f"there is {one}", todo) for one in waits]
        return found or [Finding(Matter.UNDONE_BY, Ready.READY, "nothing is scheduled or waits for an approval")]

    def rate(self) -> Finding:
        if self._left is None:
            return Finding(Matter.RATE, Ready.COULD_NOT_TELL, "LaunchDarkly did not say how many calls are left")
        says = f"{self._left} calls were left in this window of all tokens of the account"
        if self._left >= FEW:
            return Finding(Matter.RATE, Ready.READY, says)
        return Finding(Matter.RATE, Ready.BEWARE, says, "find out who uses them up")

    def _target(self) -> tuple[State, object, bool]:
        state, said = look(self._api, self._place, within=self._deadline.left)
        self._note(said.left)
        return state, said.body.get("tags"), said.body.get("archived") is True

    def _permission(self, state: State, parts: Sequence[str]) -> list[Finding]:
        if self._place.kind != FLAG:
            says = "there is no dry run for AI Configs"
            todo = f"see that the token's role has {texts('updateAIConfigTargeting')} on {self._place.resource}"
            return [Finding(Matter.PERMISSION, Ready.COULD_NOT_TELL, says, todo)]
        actions = tuple(PARTS[part] for part in parts)
        try:
            body = {"comment": "psfir: a dry run that asks for nothing new", "instructions": instructions(state, parts)}
            self._ask(self._place.patch(body, actions, {"dryRun": "true", "ignoreConflicts": "true"}))
        except ApprovalNeeded as error:
            self._approval_said = True
            may = Finding(Matter.PERMISSION, Ready.COULD_NOT_TELL, "an approval stands before it")
            return [may, failed(Matter.APPROVAL, error)]
        except Denied as error:
            return [failed(Matter.PERMISSION, error)]
        except PsfirError as error:
            return [Finding(Matter.PERMISSION, Ready.COULD_NOT_TELL, str(error))]
        return [Finding(Matter.PERMISSION, Ready.READY, f"a dry run shows that the token has {texts(*actions)}")]

    def _ask(self, ask: Ask) -> dict[str, Any]:
        said = self._api.ask(ask, within=self._deadline.left)
        self._note(said.left)
        return dict(said.body)

    def _note(self, left: int | None) -> None:
        self._left = left if left is not None else self._left


def _target_finding(place: Place, state: State, *, archived: bool) -> Finding:
    if archived:
        says = f"{place} is archived: applications get the default in their own code"
        return Finding(Matter.TARGET, Ready.BEWARE, says, "bring it back, or name another flag")
    return Finding(Matter.TARGET, Ready.READY, f"{place} {words(state)}")


def failed(matter: Matter, error: PsfirError) -> Finding:
    """What it is tonight, it need not be; only an error about the thing itself says that the rung would fail."""
    ready = Ready.COULD_NOT_TELL if isinstance(error, _UNSEEN) else Ready.WOULD_FAIL
    return Finding(matter, ready, error.what, error.todo)
