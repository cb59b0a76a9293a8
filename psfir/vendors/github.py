"""Issues of one GitHub repository, by its REST API: made once, found again, told anew, closed and opened.

Looking is by list and label, never by its search, whose index lags. Labels are dropped without a word for whoever may
not set them, so nothing is made before that right is known. It limits by 403 as well as by 429.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from urllib.parse import quote

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.domain.filing import Filed, Filing
from psfir.errors import Busy, Declined, Denied, LeverError, NoAnswer, NoSuchTarget, Refusal
from psfir.vendors.deadline import Deadline
from psfir.vendors.http import Answer, HttpClient, Request
from psfir.vendors.http_dressed import Dressed
from psfir.vendors.patience import patiently

API = "https://api.github.com"
OTHERWISE = "write it down there yourself"
LISTED = 50
PAGES = 20
_RIGHTS = ("admin", "maintain", "push", "triage")
_TOLD = frozenset({403, 404, 410, 422, 429})
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")
_LONGEST_TITLE = 250
_LONGEST = 200


class GitHub:
    """One connection. Any thread may use it."""

    def __init__(self, connection: BoundConnection) -> None:
        self._client = HttpClient(Dressed(connection, under={"url": API}, over={}), otherwise=OTHERWISE)
        self.where = self._client.where
        self.repository = str(connection.settings["repository"])
        self._public = connection.settings.get("public") is True
        self._path = f"/repos/{quote(self.repository)}"

    def check(self, *, within: float) -> None:
        """Refuse a repository that everybody reads, that takes no issues, or in which nothing could be found again."""
        found = self._read(self._path, Deadline(within))
        if not isinstance(found, Mapping) or "full_name" not in found:
            raise LeverError("what it answered is no repository", where=self.where, todo="check the url")
        if found.get("private") is False and not self._public:
            todo = "public: true in that connection, if that is right"
            raise Refusal(f"everybody may read {self.repository}", where=self.where, todo=todo)
        if found.get("archived") is True or found.get("has_issues") is False:
            raise Refusal(f"{self.repository} takes no issues", where=self.where, todo="switch them on there")
        rights = found.get("permissions")
        if isinstance(rights, Mapping) and not any(rights.get(one) is True for one in _RIGHTS):
            what = f"its token may not set labels in {self.repository}, by which psfir finds its issues"
            raise Denied(what, where=self.where, todo="give it the right to triage, or to write issues")

    def find(self, filing: Filing, *, within: float) -> Filed | None:
        deadline, wanted = Deadline(within), _hidden(filing)
        for page in range(1, PAGES + 1):
            query = f"labels={quote(filing.group)}&state=all&per_page={LISTED}&page={page}"
            listed = self._read(f"{self._path}/issues?{query}", deadline)
            if not isinstance(listed, list):
                raise LeverError("its list of issues is none", where=self.where, todo="check the url")
            for one in listed:
                if isinstance(one, Mapping) and wanted in str(one.get("body") or "") and "pull_request" not in one:
                    return self._filed(one)
            if len(listed) < LISTED:
                return None
        what = f"{self.repository} has more than {PAGES * LISTED} issues of this incident"
        raise LeverError(what, where=self.where, todo=f"take the label {filing.group} off those that are not psfir's")

    def create(self, filing: Filing, *, within: float) -> Filed:
        said = {"title": _title(filing), "body": body(filing), "labels": [*filing.labels, filing.group]}
        return self._write("POST", f"{self._path}/issues", said, within)

    def update(self, ref: str, filing: Filing, *, within: float) -> Filed:
        """Labels are left alone: people have their own there, and psfir's do not change."""
        state: dict[str, Json] = {"state": "closed" if filing.closed else "open"}
        if filing.closed:
            state["state_reason"] = "not_planned" if filing.dropped else "completed"
        said = {"title": _title(filing), "body": body(filing), **state}
        return self._write("PATCH", f"{self._path}/issues/{quote(ref.lstrip('#'))}", said, within)

    def _write(self, method: str, path: str, said: Mapping[str, Any], within: float) -> Filed:
        """Asked again after a limit: what was limited was not carried out, and it says the same whenever it is said."""
        raw = json.dumps(said, ensure_ascii=False).encode()
        request = Request(method, path, {**_HEADERS, "Content-Type": "application/json"}, raw, writes=True)
        answer = patiently(lambda left: self._send(request, left), within=within, looks=True)
        found = self._client.json(request, answer)
        try:
            return self._filed(found)
        except LeverError as error:
            raise NoAnswer(f"{request}: {error.what}; it may have been carried out", where=self.where) from error

    def _read(self, path: str, deadline: Deadline) -> Json:
        request = Request("GET", path, _HEADERS)
        answer = patiently(lambda left: self._send(request, left), within=deadline.left, looks=True)
        return self._client.json(request, answer)

    def _send(self, request: Request, within: float) -> Answer:
        answer = self._client.send(request, within=within, also=_TOLD)
        if answer.status in _TOLD:
            self._refused(request, answer)
        return answer

    def _refused(self, request: Request, answer: Answer) -> NoReturn:
        said = f"{request}: answered {answer.status}: {self._said(answer)}"
        limited = "rate limit" in answer.text.lower() or answer.headers.get("x-ratelimit-remaining") == "0"
        if answer.status == 429 or (answer.status == 403 and (limited or "retry-after" in answer.headers)):  # noqa: PLR2004 - HTTP's own
            after = _after(answer)
            when = "in a moment" if after is None else f"in {after:.0f} s"
            raise Busy(said, after=after, where=self.where, todo=f"export again {when}")
        if answer.status == 403:  # noqa: PLR2004 - the same
            raise Denied(said, where=self.where, todo="its token needs to read metadata and to write issues")
        if answer.status == 404:  # noqa: PLR2004 - the same
            todo = f"check that {self.repository} is right and that the token may see it: GitHub hides the rest"
            raise NoSuchTarget(said, where=self.where, todo=todo)
        if answer.status == 410:  # noqa: PLR2004 - the same
            raise NoSuchTarget(said, where=self.where, todo="issues are switched off there, or this one was deleted")
        raise Declined(said, where=self.where, todo="its answer says what it objects to")

    def _said(self, answer: Answer) -> str:
        """Its own words: no secret, no control character, no novel."""
        try:
            found = answer.json()
        except LeverError:
            found = None
        text = str(found.get("message", "")) if isinstance(found, Mapping) else answer.text
        return "".join(sign if sign.isprintable() else " " for sign in self._client.clean(text))[:_LONGEST]

    def _filed(self, found: Json) -> Filed:
        if isinstance(found, Mapping) and isinstance(found.get("number"), int):
            return Filed(f"#{found['number']}", str(found.get("html_url", "")))
        raise LeverError("what it answered is no issue", where=self.where, todo="check the url")


def body(filing: Filing) -> str:
    """Words as words: no mention, no reference and no markup comes of what people typed."""
    lines = [f"- **{_plain(name)}**: {_plain(value)}" for name, value in filing.facts]
    note = "Written by psfir, which writes it anew: its words are in psfir's record, yours belong into a comment."
    return "\n".join([*lines, "", note, "", _hidden(filing)])


def _hidden(filing: Filing) -> str:
    return f"<!-- psfir:{filing.mark} -->"


def _title(filing: Filing) -> str:
    return filing.title.replace("@", "@\u200b")[:_LONGEST_TITLE]


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split())).replace("@", "@\u200b")


def _after(answer: Answer) -> float | None:
    """Seconds until it may be asked again: as it says, else until the limit is new by its own clock."""
    if answer.retry_after is not None:
        return answer.retry_after
    try:
        now = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        return max(0.0, int(answer.headers.get("x-ratelimit-reset", "")) - now)
    except (ValueError, TypeError):
        return None
