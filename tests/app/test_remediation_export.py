"""Items told to GitHub and Jira: once, whatever is lost; no names, no secrets; nothing believed in return."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app import remediation as deeds
from psfir.app.approve import Yes
from psfir.app.remediation_export import LANDS, Told, export, steps
from psfir.app.remediation_terms import Wanted
from psfir.app.session import Door, Session, open_session
from psfir.domain.canon import Json
from psfir.domain.message import Result
from psfir.domain.people import Actor, Identity
from psfir.domain.values import remade
from psfir.errors import Denied, Refusal, UsageError
from psfir.range.faulty import Fault, reset
from psfir.range.server import Asked, Reply
from tests.app.incident_kit import WORDS, StandingClock, opened
from tests.vendors.github_stand_in import NAME, GitHubStandIn
from tests.vendors.github_stand_in import TOKEN as GITHUB_TOKEN
from tests.vendors.jira_stand_in import PROJECT, USER, JiraStandIn
from tests.vendors.jira_stand_in import TOKEN as JIRA_TOKEN

SECRETS = {"GITHUB_TOKEN": GITHUB_TOKEN, "JIRA_TOKEN": JIRA_TOKEN}
LOST = Fault("lost", carry=True, wire=reset)
NEVER = Fault("never", wire=reset)


class Office:
    """A workspace with both trackers, and an item of bob's in it."""

    def __init__(self, root: Path, github: GitHubStandIn, jira: JiraStandIn) -> None:
        self.root, self.github, self.jira, self.clock = root, github, jira, StandingClock()
        user = f", user: {USER}" if jira.cloud else ""
        connections = (
            f'  issues: {{kind: github, url: "{github.url}", token: env:GITHUB_TOKEN, repository: {NAME}}}\n'
            f'  tickets: {{kind: jira, url: "{jira.url}", token: env:JIRA_TOKEN, project: {PROJECT}{user}}}\n'
        )
        words = WORDS.format(keys="").replace("connections:\n", f"connections:\n{connections}")
        (root / "psfir.yaml").write_text(words)
        (root / "estate.json").write_text("{}")
        opened(self.session("alice"))
        self.ref = self.add("Ask @carol to hold prompts #12 back, says Alice")

    def session(self, me: str = "dora") -> Session:
        env = {**SECRETS, "PSFIR_ME": me, "HOME": str(self.root)}
        session = open_session(Door(env), workspace=self.root)
        actor = Actor(me, Identity.ASSERTED, f"{me}@box")
        return remade(session, who=remade(session.who, actor=actor), clock=self.clock)

    def add(self, title: str) -> str:
        session = self.session("alice")
        return deeds.add(session, session.incident(), Wanted(title=title, owner="bob", verify="bob looks")).item.ref

    def close(self, ref: str = "") -> None:
        bob, dora = self.session("bob"), self.session("dora")
        deeds.done(bob, deeds.find(bob, ref or self.ref), ["https://ci.example.com/7"])
        deeds.verify(dora, deeds.find(dora, ref or self.ref), [], Yes())

    def export(self, to: str, *, names: bool = False) -> list[Told]:
        return export(self.session(), to, names=names)

    def later(self, passed: timedelta) -> None:
        self.clock.at += passed


@pytest.fixture(params=[True, False], ids=["cloud", "data-center"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Both kinds of Jira."""
    with GitHubStandIn() as github, JiraStandIn(cloud=request.param) as jira:
        yield Office(tmp_path, github, jira)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with GitHubStandIn() as github, JiraStandIn() as jira:
        yield Office(tmp_path, github, jira)


def made(office: Office, to: str) -> int:
    return len(office.github.ours) if to == "issues" else len(office.jira.issues)


def creates(to: str) -> str:
    return f"/repos/{NAME}/issues" if to == "issues" else "/rest/api/2/issue"


def creating(to: str, asked: Asked) -> bool:
    return asked.method == "POST" and asked.path == creates(to)


each = pytest.mark.parametrize("to", ["issues", "tickets"])


def test_an_issue_from_its_making_to_its_end(office: Office) -> None:
    """Made, left alone while nothing changes, told what changed, closed, opened again."""
    (told,) = office.export("issues")
    assert (told.result, told.filed and told.filed.ref) == (Result.SENT, "#2")
    (issue,) = office.github.ours
    assert f"<!-- psfir:{office.ref} -->" in issue["body"]
    assert issue["labels"] == ["psfir", "psfir-prevent", f"psfir-{office.ref.partition('/')[0].lower()}"]
    office.github.asked.clear()
    assert office.export("issues") == []
    assert office.github.asked == []
    office.close()
    office.export("issues")
    assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
    alice = office.session("alice")
    deeds.reopen(alice, deeds.find(alice, office.ref), why="it came back")
    office.export("issues")
    assert issue["state"] == "open"
    assert len(office.github.ours) == 1


def test_a_ticket_from_its_making_to_its_end(anywhere: Office) -> None:
    """The same in Jira's Cloud and Data Center, by the steps of its workflow."""
    (told,) = anywhere.export("tickets")
    assert told.filed
    assert (told.filed.ref, told.filed.url) == ("SAFE-1", f"{anywhere.jira.url}/browse/SAFE-1")
    anywhere.close()
    anywhere.export("tickets")
    assert anywhere.jira.states == ["done"]
    alice = anywhere.session("alice")
    deeds.reopen(alice, deeds.find(alice, anywhere.ref), why="it came back")
    anywhere.export("tickets")
    assert anywhere.jira.states == ["new"]
    assert anywhere.export("tickets") == []


@each
def test_an_answer_that_was_lost_makes_no_second_one(office: Office, to: str) -> None:
    """It is unknown until it is found; then it is gone on with."""
    office.github.faults.fault(LOST, when=lambda asked: creating(to, asked), times=1)
    office.jira.faults.fault(LOST, when=lambda asked: creating(to, asked), times=1)
    (told,) = office.export(to)
    assert told.result is Result.UNKNOWN
    (again,) = office.export(to)
    assert (again.result, made(office, to)) == (Result.SENT, 1)
    assert office.export(to) == []


@each
def test_what_is_not_found_may_be_on_its_way(office: Office, to: str) -> None:
    """Nothing arrived, and nobody knows: it is made again only after some time, and then it is."""
    for tracker in (office.github, office.jira):
        tracker.faults.fault(NEVER, when=lambda asked: creating(to, asked), times=1)
    assert office.export(to)[0].result is Result.UNKNOWN
    office.later(LANDS / 2)
    (early,) = office.export(to)
    assert early.result is Result.UNKNOWN
    assert "export again in 1m" in early.says
    assert made(office, to) == 0
    office.later(LANDS / 2)
    assert office.export(to)[0].result is Result.SENT
    assert made(office, to) == 1


def test_an_index_that_lags_makes_no_second_one(office: Office) -> None:
    """Jira has it and does not find it yet: psfir waits, and finds it once it is indexed."""
    office.jira.faults.fault(LOST, when=lambda asked: creating("tickets", asked), times=1)
    office.jira.indexed = 0
    office.export("tickets")
    assert office.export("tickets")[0].result is Result.UNKNOWN
    office.jira.indexed = None
    office.later(LANDS)
    assert office.export("tickets")[0].result is Result.SENT
    assert len(office.jira.issues) == 1


@each
def test_a_record_that_lost_its_end_finds_what_is_there(office: Office, tmp_path: Path, to: str) -> None:
    """Restored from before the export, it is told nothing twice: the mark is looked for before anything is made."""
    store = office.root / ".psfir" / "record.sqlite3"
    kept = {path: path.read_bytes() for path in store.parent.glob("record.sqlite3*")}
    office.export(to)
    for path in store.parent.glob("record.sqlite3*"):
        path.unlink()
    for path, raw in kept.items():
        path.write_bytes(raw)
    office.export(to)
    assert made(office, to) == 1


def test_no_names_and_no_markup(office: Office) -> None:
    """Roles stand for people, nobody is mentioned, no issue is referred to; `--names` tells them."""
    office.export("issues")
    office.export("tickets")
    (issue,) = office.github.ours
    (ticket,) = office.jira.issues.values()
    for text in (issue["title"], issue["body"], ticket["summary"], ticket["description"]):
        assert not {"bob", "carol", "Alice"} & set(text.replace("@", " ").replace("\u200b", " ").split())
    assert "- **Owner**: on call" in issue["body"]
    assert "@comms" not in issue["title"] + issue["body"]
    office.export("issues", names=True)
    assert "- **Owner**: bob" in issue["body"]


def test_no_secret_in_the_record(office: Office) -> None:
    """Also where an answer repeats it."""

    def echo(asked: Asked) -> Reply:
        return Reply(422, {"message": f"no good: {asked.headers['authorization']}"})

    office.github.faults.fault(Fault("echo", answer=echo), when=lambda asked: creating("issues", asked))
    office.jira.faults.fault(Fault("echo", answer=echo), when=lambda asked: creating("tickets", asked))
    told = [*office.export("issues"), *office.export("tickets")]
    assert [one.result for one in told] == [Result.FAILED] * 2
    whole = repr(told) + "".join(repr(entry) for entry in office.session().journal.read())
    assert not any(secret in whole for secret in SECRETS.values())
    assert "Basic cHNma" not in whole


LIMITED: dict[str, Json] = {"message": "You have exceeded a secondary rate limit."}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(403, LIMITED, {"Retry-After": "0"}),
        Reply(429, LIMITED, {"Retry-After": "0"}),
        Reply(
            403,
            {"message": "API rate limit exceeded"},
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"},
        ),
    ],
    ids=["secondary", "429", "primary"],
)
def test_a_limit_is_waited_for(office: Office, reply: Reply) -> None:
    """GitHub says it in two ways, neither of which is a lack of rights."""
    office.github.faults.fault(Fault("busy", reply=reply), when=lambda asked: creating("issues", asked), times=1)
    assert office.export("issues")[0].result is Result.SENT
    assert len(office.github.ours) == 1


@each
def test_a_limit_beyond_patience_ends_it(office: Office, to: str) -> None:
    """Nothing was made, and when to come back is said; the next items are not tried."""
    office.add("Another")
    busy = Fault("busy", reply=Reply(429, {"message": "slow down"}, {"Retry-After": "3600"}))
    for tracker in (office.github, office.jira):
        tracker.faults.fault(busy, when=lambda asked: creating(to, asked))
    (told,) = office.export(to)
    assert told.result is Result.FAILED
    assert "again in" in told.says
    for tracker in (office.github, office.jira):
        tracker.faults.heal()
    assert [one.result for one in office.export(to)] == [Result.SENT] * 2


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "GITHUB_TOKEN"), (403, "write issues"), (404, "GitHub hides"), (410, "switched off"), (422, "objects to")],
)
def test_a_refusal_is_a_sentence(office: Office, status: int, says: str) -> None:
    """What GitHub said, and what to do about it; nothing is taken for made."""
    refused = Fault("no", reply=Reply(status, {"message": "No"}))
    office.github.faults.fault(refused, when=lambda asked: creating("issues", asked), times=1)
    (told,) = office.export("issues")
    assert told.result is Result.FAILED
    assert says in told.says
    assert office.export("issues")[0].result is Result.SENT


def test_half_an_answer_is_unknown(office: Office) -> None:
    """A 500 to a write may have carried it out."""
    broke = Fault("broke", carry=True, reply=Reply(502, b"Bad gateway"))
    office.github.faults.fault(broke, when=lambda asked: creating("issues", asked), times=1)
    assert office.export("issues")[0].result is Result.UNKNOWN
    office.export("issues")
    assert len(office.github.ours) == 1


def test_a_repository_that_everybody_reads_is_refused(office: Office) -> None:
    """So is one without the right to labels, by which a lost issue is found; nothing is written in either."""
    office.github.repository["private"] = False
    with pytest.raises(Refusal, match="everybody may read"):
        office.export("issues")
    office.github.repository.update(private=True, permissions={"pull": True, "push": False, "triage": False})
    with pytest.raises(Denied, match="labels"):
        office.export("issues")
    office.github.repository.update(has_issues=False, permissions={"push": True})
    with pytest.raises(Refusal, match="takes no issues"):
        office.export("issues")
    assert office.github.ours == []
    assert not [asked for asked in office.github.asked if asked.writes]


def test_a_workflow_without_that_step_is_said(office: Office) -> None:
    """The words are told, the step is left to people; the next export tries again."""
    office.export("tickets")
    office.close()
    finish = office.jira.steps.pop("3")
    (told,) = office.export("tickets")
    assert told.result is Result.FAILED
    assert "has no step to closed" in told.says
    office.jira.steps["3"] = finish
    assert office.export("tickets")[0].result is Result.SENT
    assert office.jira.states == ["done"]


def test_what_they_say_is_never_believed(office: Office) -> None:
    """Closed there by somebody, it is as open here as before; the next change opens it there."""
    office.export("issues")
    (issue,) = office.github.ours
    issue["state"] = "closed"
    assert office.export("issues") == []
    item = deeds.find(office.session(), office.ref)
    assert item.state.value == "open"
    bob = office.session("bob")
    deeds.take(bob, item, Wanted())
    office.export("issues")
    assert issue["state"] == "open"


def test_an_item_that_is_closed_already_is_not_made(office: Office) -> None:
    """Who follows work there is not told of what is over; a plan says what would be told, and tells nobody."""
    second = office.add("Another")
    office.close()
    assert [one.item.ref for one in steps(office.session(), "issues") if one.act] == [second]
    assert office.github.asked == []
    assert [one.ref for one in office.export("issues")] == [second]


def test_only_a_tracker_is_told(office: Office) -> None:
    """Another connection, or none of that name, gets a sentence; so does somebody who may not review."""
    for name, says in (("estate", "no tracker"), ("isues", "no connection")):
        with pytest.raises(UsageError, match=says):
            office.export(name)
    with pytest.raises(Refusal, match="may not review"):
        export(office.session("carol"), "issues")
