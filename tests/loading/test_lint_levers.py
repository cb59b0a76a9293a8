"""Rules that ask the levers what they are, against a catalog made by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from psfir.domain.about import Stops
from psfir.domain.budget import worst_case
from psfir.domain.modes import Mode
from psfir.loading.runbook import load_runbook
from tests.loading.desk import LEVER, Catalog, Works

SECOND = """\
      - lever: memory.switch
        target: {connection: direct, switch: bot}
"""


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path)


AGENTIC = {"owner: ben": "owner: ben, agentic: true"}


def _stops(*stops: Stops) -> Catalog:
    return Catalog(memory_switch=replace(LEVER, stops=stops[0]), other_lever=replace(LEVER, stops=stops[-1]))


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        (Stops.NEW, Stops.NEW, True),
        (Stops.NEW, Stops.BOTH, False),
        (Stops.IN_FLIGHT, Stops.NEW, False),
        (Stops.BOTH, Stops.BOTH, False),
    ],
)
def test_in_an_agentic_system_something_stops_what_is_in_flight(
    works: Works, first: Stops, second: Stops, refused: bool
) -> None:
    """One rung at least; for a system that is not agentic it does not matter."""
    works.book({SECOND: SECOND.replace("memory.switch", "other.lever")})
    catalog = _stops(first, second)
    assert works.said(catalog=catalog) == []
    works.words(AGENTIC)
    said = (
        "runbooks/off.yaml:9:3: bot is agentic, and every lever here stops only new work: what is in flight would go on"
        " [in-flight]"
    )
    assert works.said(catalog=catalog) == [said] * refused


def test_a_lever_serves_the_mode(works: Works) -> None:
    """One that cannot do what the runbook is for is refused, with what it can."""
    catalog = Catalog(memory_switch=replace(LEVER, modes=(Mode.DEGRADE, Mode.ISOLATE)))
    place = "memory.switch cannot disable anything; it can degrade, isolate [mode]"
    assert works.said(catalog=catalog) == [f"runbooks/off.yaml:{line}:16: {place}" for line in (11, 15)]


def test_a_share_leaves_time_to_spread(works: Works) -> None:
    """One that is shorter than what the lever says of itself is warned of; one as long is not."""
    said = "warning: 10s is less than the 11s that memory.switch takes to spread [propagation]"
    slow = Catalog(memory_switch=replace(LEVER, propagation=11.0))
    assert works.said(catalog=slow) == [f"runbooks/off.yaml:{line}:17: {said}" for line in (14, 18)]
    assert works.said(catalog=Catalog(memory_switch=replace(LEVER, propagation=10.0))) == []


def test_a_shared_credential_is_said_by_its_place(works: Works) -> None:
    """Two connections with one token fail together when it is revoked; the token itself is nowhere."""
    gateway = "{{kind: http, url: 'https://{0}.example', token: env:TOKEN, vendor: {0}, network: {0}}}"
    works.words(
        {
            "{kind: memory, path: estate.json, vendor: one, network: here}": gateway.format("one"),
            "{kind: memory, path: estate.json, vendor: two, network: there}": gateway.format("two"),
        }
    )
    catalog = Catalog(memory_switch=replace(LEVER, connects=("http",)))
    said = [line for line in works.said(catalog=catalog) if "[ladder]" in line]
    assert said == [
        (
            "runbooks/off.yaml:11:7: warning: all rungs of the step 'stop' share the credential env:TOKEN: "
            "they can fail together [ladder]"
        )
    ]


@pytest.mark.parametrize(
    ("kind", "keys", "told"),
    [
        ("launchdarkly", "token: env:{0}", "vendor launchdarkly"),
        ("aws", "region: eu-west-1", "vendor aws"),
        ("aws", "region: eu-west-1, vendor: {0}", ""),
        ("kubernetes", "context: {0}", ""),
    ],
)
def test_two_connections_to_one_company_fail_together(works: Works, kind: str, keys: str, told: str) -> None:
    """Two accounts of one flag vendor or cloud are, unless psfir.yaml says otherwise; two clusters are not."""
    link = f"{{{{kind: {kind}, {keys}, network: {{0}}}}}}"
    works.words(
        {
            "{kind: memory, path: estate.json, vendor: one, network: here}": link.format("one"),
            "{kind: memory, path: estate.json, vendor: two, network: there}": link.format("two"),
        }
    )
    catalog = Catalog(memory_switch=replace(LEVER, connects=(kind,), vendor=kind))
    said = [line for line in works.said(catalog=catalog) if "[ladder]" in line]
    start = "runbooks/off.yaml:11:7: warning: all rungs of the step 'stop' share the"
    assert said == ([f"{start} {told}: they can fail together [ladder]"] if told else [])


def test_signed_approvals_need_people_with_keys(works: Works) -> None:
    """As many as the yeses that are asked for, of those who may say them."""
    works.book({"playbook: harm": "approval: {signed: true}\nplaybook: harm"})
    key = "ssh_keys: ['ssh-ed25519 AAAA ada@x']"
    works.words({"[on_call]": f"[on_call], {key}"})
    said = "a restore takes 2 signed yeses, and only ada of those who may say it has ssh_keys [people]"
    assert works.said() == [f"runbooks/off.yaml:7:20: {said}"]
    works.words({"[on_call]": f"[on_call], {key}", "[owner]": f"[owner], {key}"})
    assert [line for line in works.said() if "[people]" in line and "signed" in line] == []


def test_a_warning_hides_no_budget(works: Works) -> None:
    """A runbook with one rung is warned of, and its worst case is shown all the same."""
    works.book({SECOND + "        set: {on: false}\n        within: 10s\n": ""})
    report = works.lint()
    assert (report.errors, report.warnings) == (0, 1)
    assert report.budgets["off"] == worst_case(load_runbook(works.root / "runbooks" / "off.yaml"))
