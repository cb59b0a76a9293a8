"""Slack's Web API: its own client over psfir's wire, and the one table from its answers to psfir's errors.

Slack says no with 200 and a word. Its client waits through a time-out for each read by itself, and takes proxies from
the environment; here the SDK makes requests and reads answers, and one deadline holds for all in between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from psfir.contracts import BoundConnection
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.vendors.deadline import Deadline
from psfir.vendors.http import HttpClient
from psfir.vendors.http_answers import Teller
from psfir.vendors.http_dressed import Dressed
from psfir.vendors.patience import wait

Said: TypeAlias = Mapping[str, Any]

SITE = "https://slack.com"
PAGE = 200
PAGES = 10
OTHERWISE = "tell people another way"

_NO_RIGHT = frozenset(
    {
        *("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission"),
        *("missing_scope", "not_allowed_token_type", "ekm_access_denied", "access_denied", "org_login_required"),
        *("not_in_channel", "restricted_action", "team_access_not_granted"),
    }
)
_NOT_THERE = frozenset({"channel_not_found", "user_not_found", "thread_not_found", "message_not_found", "is_archived"})
_LATER = frozenset({"ratelimited", "rate_limited"})
_BROKE = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
"""Of the first two Slack itself says that some of it may have been carried out."""

_RIGHT: Mapping[str, str] = {
    "not_in_channel": "invite the app into the channel",
    "restricted_action": "let the app post there, in the channel's settings",
}


class Slack:
    """One workspace by one token. Any thread may use it."""

    def __init__(self, connection: BoundConnection) -> None:
        self._http = HttpClient(Dressed(connection, under={"url": SITE}, over={}), otherwise=OTHERWISE)
        self.where = self._http.where
        self.url = self._http.url
        ref = connection.refs.get("token")
        self._token = f"the token ({ref})" if ref else "the token"
        self._line = Teller(self.where, "", self._http.clean).line

    def post(self, message: Said, *, within: float) -> Said:
        """chat.postMessage, once."""
        return self._call("chat.postMessage", message, Deadline(within), writes=True)

    def call(self, method: str, words: Said, *, within: float, writes: bool = True) -> Said:
        """Any one method, once; what only reads is asked again where it was too early."""
        deadline = Deadline(within)
        return self._call(method, words, deadline, writes=True) if writes else self._asked(method, words, deadline)

    def told(self, method: str, *, within: float) -> tuple[Said, Mapping[str, str]]:
        """What a method that only reads answers, and the headers it came with, by their names in small letters."""
        said, headers = self._answer(method, {}, Deadline(within), writes=False)
        return said, {name.lower(): str(value) for name, value in headers.items()}

    def room(self, person: str, *, within: float) -> str:
        """The channel in which the app writes to this person alone."""
        said = self._asked("conversations.open", {"users": person}, Deadline(within))
        found = said.get("channel")
        if isinstance(found, Mapping) and isinstance(found.get("id"), str):
            return str(found["id"])
        raise LeverError("conversations.open named no channel", where=self.where, todo="check the url")

    def messages(self, channel: str, *, thread: str = "", within: float) -> Iterator[Said]:
        """Those of a channel, the newest first, or of a thread, with what their senders' programs hung on them."""
        deadline, cursor = Deadline(within), ""
        method = "conversations.replies" if thread else "conversations.history"
        words: dict[str, Any] = {"channel": channel, "limit": PAGE, "include_all_metadata": True}
        for _ in range(PAGES):
            said = self._asked(method, {**words, **({"ts": thread} if thread else {}), "cursor": cursor}, deadline)
            yield from (one for one in said.get("messages") or () if isinstance(one, Mapping))
            cursor = str((said.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return
        what = f"{channel} has more than {PAGES * PAGE} messages, and it was not among the newest"
        raise NoAnswer(what, where=self.where, todo="look into the channel itself")

    def _asked(self, method: str, words: Said, deadline: Deadline) -> Said:
        """What posts nothing: asked again where it was too early, if the wait fits."""
        while True:
            try:
                return self._call(method, words, deadline, writes=False)
            except Busy as busy:
                if busy.after is None or not wait(busy.after, deadline):
                    raise
            except NoAnswer as error:
                what = f"{error.what}; nothing was posted by it"
                raise Unreachable(what, where=self.where, todo="see whether Slack is up, and try again") from error

    def _call(self, method: str, words: Said, deadline: Deadline, *, writes: bool) -> Said:
        return self._answer(method, words, deadline, writes=writes)[0]

    def _answer(self, method: str, words: Said, deadline: Deadline, *, writes: bool) -> tuple[Said, Mapping[str, str]]:
        from psfir.vendors.slack_sdk_wire import SlackApiError, WireClient  # noqa: PLC0415 - the SDK takes 60 ms to load

        client = WireClient(self._http, deadline, writes=writes)
        try:
            answer = client.api_call(method, json={name: value for name, value in words.items() if value != ""})
        except SlackApiError as error:
            raise self._error(method, error.response, writes=writes) from None
        found = answer.data
        if isinstance(found, Mapping):
            return found, answer.headers
        raise NoAnswer(f"{method}: what it answered is no JSON", where=self.where)

    def _error(self, method: str, answer: Any, *, writes: bool) -> LeverError:  # noqa: ANN401 - the SDK's own answer
        said, status = answer.data if isinstance(answer.data, Mapping) else {}, int(answer.status_code)
        word = str(said.get("error", ""))
        what = f"{method}: answered {status}, {self._line(word) or 'without a word'}"
        if status == 429 or word in _LATER:  # noqa: PLR2004 - HTTP's own numbers, here and below
            return Busy(what, after=_after(answer.headers), where=self.where, todo=f"wait, or {OTHERWISE}")
        if word in _NO_RIGHT or status in {401, 403}:
            return Denied(what, where=self.where, todo=self._lacks(word, said))
        if word in _NOT_THERE or status in {404, 410}:
            return NoSuchTarget(what, where=self.where, todo="check the channel's id, and the url")
        # What is no JSON comes with a word of the SDK's own making, and only the status to go by.
        if status >= 500 or status == 408 or word in _BROKE or (status == 200 and " " in word):  # noqa: PLR2004
            return (
                NoAnswer(f"{what}; it may have been posted", where=self.where)
                if writes
                else Busy(what, where=self.where)
            )
        return Declined(what, where=self.where, todo=f"mend what it objects to, or {OTHERWISE}")

    def _lacks(self, word: str, said: Said) -> str:
        if word == "missing_scope":
            return f"give the app of {self._token} the scope {self._line(str(said.get('needed', 'it needs')))}"
        return _RIGHT.get(word, f"renew {self._token} of {self.where}, or give it the right to do that")


def _after(headers: Mapping[str, str]) -> float | None:
    text = str(next((value for name, value in headers.items() if name.lower() == "retry-after"), "")).strip()
    return float(text[:9]) if text.isascii() and text.isdigit() else None
