"""Issues of one Jira project, by its REST API: made once, found again by a label, told anew, closed and opened.

Jira Cloud and Data Center differ in how one logs in and where one looks. Looking is by an index that lags behind:
whoever asks after a lost answer has to leave it time.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from psfir.contracts import BoundConnection
from psfir.domain.canon import Json
from psfir.domain.filing import Filed, Filing
from psfir.errors import Declined, LeverError, NoAnswer
from psfir.vendors.deadline import Deadline
from psfir.vendors.http import Answer, HttpClient, Request
from psfir.vendors.http_dressed import Dressed
from psfir.vendors.patience import patiently

OTHERWISE = "write it down there yourself"
_LONGEST_TITLE = 250
_MARKS = re.compile(r"([\\{}\[\]|*_!])")
_DONE = "done"
_OTHER = re.compile(r"[^a-z0-9]+")


class _Basic(Dressed):
    """Jira Cloud's own way: the name and the token together are what is sent."""

    def secret(self, name: str) -> str | None:
        found = super().secret(name)
        if name != "token" or found is None:
            return found
        return b64encode(f"{self.settings['user']}:{found}".encode()).decode()


class Jira:
    """One connection. Any thread may use it."""

    def __init__(self, connection: BoundConnection) -> None:
        self._cloud = bool(connection.settings.get("user"))
        dressed = _Basic(connection, under={}, over={"auth_prefix": "Basic "}) if self._cloud else connection
        self._client = HttpClient(dressed, otherwise=OTHERWISE)
        self.where = self._client.where
        self.project = str(connection.settings["project"])
        self._type = str(connection.settings.get("issue_type", "Task"))

    def check(self, *, within: float) -> None:
        """The project is there for this token; nothing is told."""
        found = self._read(f"/rest/api/2/project/{quote(self.project)}", Deadline(within))
        if not isinstance(found, Mapping) or found.get("key") != self.project:
            raise LeverError(f"what it answered is not the project {self.project}", where=self.where, todo="check it")

    def find(self, filing: Filing, *, within: float) -> Filed | None:
        jql = f'project = "{self.project}" AND labels = "{_label(filing)}"'
        path = "/rest/api/2/search/jql" if self._cloud else "/rest/api/2/search"
        query = urlencode({"jql": jql, "fields": "labels", "maxResults": 10}, quote_via=quote)
        found = self._read(f"{path}?{query}", Deadline(within))
        listed = found.get("issues") if isinstance(found, Mapping) else None
        if not isinstance(listed, list):
            raise LeverError("its answer to a search is none", where=self.where, todo="check the url")
        for one in listed:
            fields = one.get("fields") if isinstance(one, Mapping) else None
            if isinstance(fields, Mapping) and _label(filing) in (fields.get("labels") or []):
                return self._filed(one)
        return None

    def create(self, filing: Filing, *, within: float) -> Filed:
        labels = [*filing.labels, filing.group, _label(filing)]
        fields = {"project": {"key": self.project}, "issuetype": {"name": self._type}, "labels": labels}
        request = _telling("POST", "/rest/api/2/issue", {"fields": {**fields, **_words(filing)}})
        answer = self._send(request, within)
        found = self._client.json(request, answer)
        try:
            return self._filed(found)
        except LeverError as error:
            raise NoAnswer(f"{request}: {error.what}; it may have been carried out", where=self.where) from error

    def update(self, ref: str, filing: Filing, *, within: float) -> Filed:
        """Its words, then the step of its workflow that closes or opens it, if it is not there already."""
        deadline, path = Deadline(within), f"/rest/api/2/issue/{quote(ref)}"
        self._send(_telling("PUT", path, {"fields": _words(filing)}), deadline.left)
        now = self._read(f"{path}?fields=status", deadline)
        if (_category(_at(now, "fields", "status")) == _DONE) is not filing.closed:
            listed = _at(self._read(f"{path}/transitions", deadline), "transitions")
            steps = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
            fitting = [one for one in steps if (_category(one.get("to")) == _DONE) is filing.closed]
            if not fitting:
                word = "closed" if filing.closed else "open"
                todo = "move it there yourself, or give the token the right to transitions"
                raise Declined(f"the workflow of {ref} has no step to {word} from here", where=self.where, todo=todo)
            step = {"transition": {"id": str(fitting[0].get("id"))}}
            self._send(_telling("POST", f"{path}/transitions", step), deadline.left)
        return Filed(ref, self._page(ref))

    def _read(self, path: str, deadline: Deadline) -> Json:
        request = Request("GET", path, {"Accept": "application/json"})
        return self._client.json(request, self._send(request, deadline.left))

    def _send(self, request: Request, within: float) -> Answer:
        """Asked again after a limit: what was limited was not carried out, and it says the same whenever it is said."""
        return patiently(lambda left: self._client.send(request, within=left), within=within, looks=True)

    def _filed(self, found: Json) -> Filed:
        key = found.get("key") if isinstance(found, Mapping) else None
        if isinstance(key, str) and key:
            return Filed(key, self._page(key))
        raise LeverError("what it answered is no issue", where=self.where, todo="check the url")

    def _page(self, ref: str) -> str:
        return f"{self._client.url.rstrip('/')}/browse/{ref}"


def _telling(method: str, path: str, said: Mapping[str, Any]) -> Request:
    raw = json.dumps(said, ensure_ascii=False).encode()
    return Request(method, path, {"Accept": "application/json", "Content-Type": "application/json"}, raw, writes=True)


def _words(filing: Filing) -> dict[str, str]:
    """Words as words: Jira's own markup comes of nothing that people typed."""
    lines = [f"{name}: {_plain(value)}" for name, value in filing.facts]
    note = "Written by psfir, which writes it anew: its words are in psfir's record, yours belong into a comment."
    return {"summary": filing.title[:_LONGEST_TITLE], "description": "\n".join([*lines, "", note])}


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _label(filing: Filing) -> str:
    """The mark as a label can be written: `psfir-inc-20261121-k7q2xa-r1`."""
    return f"psfir-{_OTHER.sub('-', filing.mark.lower())}"


def _at(found: Json, *names: str) -> Json:
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _category(status: Json) -> Json:
    return _at(status, "statusCategory", "key")
