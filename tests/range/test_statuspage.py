"""The stand-in for a status page answers as the published description says, also to what it will not do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from psfir.range.statuspage.refusal import rate_limited
from psfir.range.statuspage.server import Statuspage


class Client:
    """As anybody's program would ask."""

    def __init__(self, page: Statuspage) -> None:
        self.page = page
        self.key = page.estate.add_key()
        self.name = page.estate.add_page()
        self.component = page.estate.add_component(self.name, "Assistant")

    def ask(self, method: str, path: str, said: object = None, *, key: str = "") -> tuple[int, Any]:
        body = None if said is None else json.dumps({"incident": said}).encode()
        headers = {"Authorization": f"OAuth {key or self.key}", "Content-Type": "application/json"}
        request = Request(f"{self.page.url}/pages/{self.name}{path}", body, headers, method=method)
        try:
            with urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)


@pytest.fixture
def client() -> Iterator[Client]:
    with Statuspage() as page:
        yield Client(page)


def test_everybody_is_notified_unless_it_is_said_otherwise(client: Client) -> None:
    """The vendor's default: a drill that reached it would have told customers."""
    status, made = client.ask("POST", "/incidents", {"name": "Problems", "body": "We look."})
    assert status == 201
    assert made["incident_updates"][0]["deliver_notifications"] is True
    client.ask("PATCH", f"/incidents/{made['id']}", {"body": "More.", "deliver_notifications": False})
    assert [one["body"] for one in client.page.estate.notified] == ["We look."]


def test_metadata_that_is_not_said_again_is_gone(client: Client) -> None:
    """The worse of what the vendor may do; without a word about it, it stays."""
    made = client.ask("POST", "/incidents", {"name": "x", "metadata": {"a": {"one": 1}}})[1]
    path = f"/incidents/{made['id']}"
    assert client.ask("PATCH", path, {"body": "y"})[1]["metadata"] == {"a": {"one": 1}}
    assert client.ask("PATCH", path, {"metadata": {"b": {}}})[1]["metadata"] == {"b": {}}
    assert client.ask("GET", path)[1]["metadata"] == {"b": {}}


def test_incidents_are_listed_in_pages(client: Client) -> None:
    """The newest first, a hundred at most."""
    for number in range(5):
        client.ask("POST", "/incidents", {"name": f"n{number}"})
    names = [one["name"] for one in client.ask("GET", "/incidents?limit=2&page=2")[1]]
    assert names == ["n2", "n1"]
    assert client.ask("GET", "/incidents?limit=2&page=9") == (200, [])


def test_components_take_their_states(client: Client) -> None:
    """An incident says which."""
    client.ask("POST", "/incidents", {"name": "x", "components": {client.component: "major_outage"}})
    assert [one["status"] for one in client.ask("GET", "/components")[1]] == ["major_outage"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 422),
        ({"name": "x" * 256}, 422),
        ({"name": "x", "body": "x" * 25_001}, 422),
        ({"name": "x", "status": "contained"}, 422),
        ({"name": "x", "metadata": {"a": "text"}}, 422),
        ({"name": "x", "impact_override": "huge"}, 422),
        ({"name": "x", "component_ids": ["nobody"]}, 422),
        ({"name": "x", "components": {"nobody": "operational"}}, 422),
    ],
)
def test_what_it_will_not_take(client: Client, said: dict[str, Any], status: int) -> None:
    """With a list of words, and nothing posted."""
    found, answer = client.ask("POST", "/incidents", said)
    assert found == status
    assert isinstance(answer["error"], list)
    assert client.page.estate.writes == 0


def test_who_may_not_and_what_is_not_there(client: Client) -> None:
    """401 for another key, 404 for what it does not have."""
    assert client.ask("GET", "/incidents", key="other")[0] == 401
    assert client.ask("GET", "/incidents/nobody")[0] == 404
    assert client.ask("GET", "/elsewhere")[0] == 404
    assert client.ask("GET", "/incidents?page=x")[0] == 400


def test_too_many_requests_say_when_to_come_again(client: Client) -> None:
    """As a fault, since it has no limit of its own."""
    end = client.page.faults.fault(rate_limited(7))
    assert client.ask("GET", "/incidents")[0] == 429
    end()
    assert client.ask("GET", "/incidents")[0] == 200
