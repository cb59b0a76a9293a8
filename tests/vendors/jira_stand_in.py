"""A project as Jira's REST API serves it: an index that lags, a workflow with steps, answers without a body."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any, Self

from psfir.range.copies import copied
from psfir.range.faulty import Faulty
from psfir.range.server import Asked, Reply, Server

USER, TOKEN, PROJECT = "psfir@acme.example", "jira-of-the-test-4711", "SAFE"
_ISSUE = re.compile(r"/rest/api/2/issue/(?P<key>[A-Z]+-\d+)(?P<more>/transitions)?")
_LABEL = re.compile(r'labels = "(?P<label>[^"]+)"')
_STEPS = {"1": ("Reopen", "new"), "2": ("Start", "indeterminate"), "3": ("Finish", "done")}


def _status(category: str) -> dict[str, Any]:
    return {"statusCategory": {"key": category}}


class JiraStandIn:
    """`indexed` is how many of its issues a search finds yet, None for all; `steps` what its workflow lets one do."""

    def __init__(self, *, cloud: bool = True) -> None:
        self.cloud = cloud
        self.issues: dict[str, dict[str, Any]] = {}
        self.indexed: int | None = None
        self.steps = dict(_STEPS)
        self.asked: list[Asked] = []
        self.faults = Faulty(self._answer)
        self._server = Server(self.faults, stopped=self.faults.stopped)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def states(self) -> list[str]:
        return [one["status"]["statusCategory"]["key"] for one in self.issues.values()]

    def _answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        whole = f"Basic {b64encode(f'{USER}:{TOKEN}'.encode()).decode()}" if self.cloud else f"Bearer {TOKEN}"
        if asked.headers.get("authorization") != whole:
            return Reply(401, b"Client must be authenticated to access this resource.")
        if asked.path == f"/rest/api/2/project/{PROJECT}":
            return Reply(body={"key": PROJECT})
        if asked.path == ("/rest/api/2/search/jql" if self.cloud else "/rest/api/2/search"):
            return Reply(body={"issues": copied(self._found(asked.query["jql"]))})
        if asked.path == "/rest/api/2/issue" and asked.method == "POST":
            return self._made(asked.json()["fields"])
        found = _ISSUE.fullmatch(asked.path)
        if found is None or found["key"] not in self.issues:
            return Reply(404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."]})
        return self._one(asked, self.issues[found["key"]], steps=bool(found["more"]))

    def _found(self, jql: str) -> list[Any]:
        wanted = _LABEL.search(jql)
        assert wanted
        listed = list(self.issues.items())[: self.indexed]
        return [{"key": key, "fields": one} for key, one in listed if wanted["label"] in one["labels"]]

    def _made(self, fields: dict[str, Any]) -> Reply:
        if fields["issuetype"]["name"] != "Task":
            return Reply(400, {"errors": {"issuetype": "The issue type selected is invalid."}})
        key = f"{PROJECT}-{len(self.issues) + 1}"
        self.issues[key] = {**fields, "status": _status("new")}
        return Reply(201, {"id": "1", "key": key, "self": f"{self.url}/rest/api/2/issue/1"})

    def _one(self, asked: Asked, one: dict[str, Any], *, steps: bool) -> Reply:
        if steps and asked.method == "GET":
            listed: list[Any] = [
                {"id": name, "to": {"statusCategory": {"key": to}}} for name, (_, to) in self.steps.items()
            ]
            return Reply(body={"transitions": copied(listed)})
        if steps:
            _, to = self.steps[asked.json()["transition"]["id"]]
            one["status"] = _status(to)
            return Reply(204)
        if asked.method == "PUT":
            one.update(asked.json()["fields"])
            return Reply(204)
        return Reply(body={"fields": copied(one)})

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
