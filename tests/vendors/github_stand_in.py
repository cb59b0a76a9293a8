"""Issues as GitHub's REST API serves them: labels dropped without the right, pull requests in the list."""

from __future__ import annotations

import re
from typing import Any, Self

from psfir.range.copies import copied
from psfir.range.faulty import Faulty
from psfir.range.server import Asked, Reply, Server

TOKEN = "ghp-of-the-test-4711"
NAME = "acme/assistant"
_ISSUES = re.compile(rf"/repos/{NAME}/issues(?:/(?P<number>\d+))?")


class GitHubStandIn:
    """`issues` are what it holds; `repository` what it says of itself."""

    def __init__(self) -> None:
        self.repository: dict[str, Any] = {
            "full_name": NAME,
            "private": True,
            "archived": False,
            "has_issues": True,
            "permissions": {"admin": False, "push": True, "triage": True, "pull": True},
        }
        self.issues: list[dict[str, Any]] = [{"number": 1, "title": "A pull request", "body": None, "pull_request": {}}]
        self.issues[0]["labels"] = []
        self.asked: list[Asked] = []
        self.faults = Faulty(self._answer)
        self._server = Server(self.faults, stopped=self.faults.stopped)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def ours(self) -> list[dict[str, Any]]:
        return [one for one in self.issues if "psfir" in one["labels"]]

    def _answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(401, {"message": "Bad credentials"})
        if asked.path == f"/repos/{NAME}" and asked.method == "GET":
            return Reply(body=self.repository)
        found = _ISSUES.fullmatch(asked.path)
        if found is None:
            return Reply(404, {"message": "Not Found"})
        if asked.method == "GET":
            return Reply(body=copied(self._listed(asked.query)))
        if asked.method == "POST":
            return self._made(asked.json())
        return self._told(int(found["number"]), asked.json())

    def _listed(self, query: dict[str, str]) -> list[Any]:
        wanted = query.get("labels", "")
        fitting = [one for one in reversed(self.issues) if not wanted or wanted in one["labels"]]
        if query.get("state", "open") == "open":
            fitting = [one for one in fitting if one.get("state") == "open"]
        size, page = int(query.get("per_page", 30)), int(query.get("page", 1))
        return fitting[(page - 1) * size : page * size]

    def _made(self, said: dict[str, Any]) -> Reply:
        if not said.get("title"):
            return Reply(422, {"message": "Validation Failed"})
        labels = said.get("labels", []) if self.repository["permissions"]["triage"] else []
        number = len(self.issues) + 1
        url = f"https://github.com/{NAME}/issues/{number}"
        one = {"number": number, "state": "open", "html_url": url, "labels": labels}
        self.issues.append({**one, "title": said["title"], "body": said.get("body", "")})
        return Reply(201, copied(self.issues[-1]))

    def _told(self, number: int, said: dict[str, Any]) -> Reply:
        one = next((one for one in self.issues if one["number"] == number), None)
        if one is None:
            return Reply(410, {"message": "This issue was deleted"})
        one.update(said)
        return Reply(body=copied(one))

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
