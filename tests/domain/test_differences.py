"""What differs between two states: nothing where nothing does, every place told or counted, and never alike."""

from collections.abc import Mapping

from hypothesis import example, given
from hypothesis import strategies as st

from psfir.domain.canon import Json, canonical
from psfir.domain.differences import LONGEST, MOST, differences, lines
from tests.domain.parts import JSON, TEXT

APPS = "/apis/apps/v1/namespaces/assistants/deployments/"
INGRESS = "/apis/networking.k8s.io/v1/namespaces/assistants/ingresses/support"


def routed(service: str, host: str = "a.example") -> Json:
    path: Json = {"path": "/", "backend": {"service": {"name": service, "port": {"number": 80}}}}
    return {INGRESS: {"spec": {"rules": [{"host": host, "http": {"paths": [path]}}]}}}


@given(JSON)
def test_a_state_differs_in_nothing_from_itself(state: Json) -> None:
    """Not a line."""
    assert lines(state, state) == []


@given(JSON, JSON)
@example({"many": [1], "more": {"of what is long enough to be counted and no longer shown whole": None}}, [1])
def test_two_states_that_differ_are_told_apart(now: Json, then: Json) -> None:
    """There is a line if and only if they are not the same JSON; in each, the two sides do not look the same."""
    told = lines(now, then, most=99)
    assert bool(told) == (canonical(now) != canonical(then))
    for line, one in zip(told, differences(now, then), strict=True):
        assert line.isprintable()
        if " -> " not in f"{one.path}{one.now}{one.then}":
            left, _, right = line.partition(" -> ")
            assert not left.endswith(f": {right}")
            assert left != right


@given(st.dictionaries(TEXT, st.integers(0, 9)), st.dictionaries(TEXT, st.integers(0, 9)))
def test_every_place_is_told_or_counted(now: Mapping[str, int], then: Mapping[str, int]) -> None:
    """As many places as differ, of which the first few have a line each."""
    wanted = [key for key in {**now, **then} if now.get(key) != then.get(key)]
    assert sorted(one.path[0] for one in differences(now, then)) == sorted(wanted)
    told = lines(now, then)
    assert len(told) == min(len(wanted), MOST + 1)
    if len(wanted) > MOST:
        assert told[-1] == f"and {len(wanted) - MOST} more"


def test_an_object_of_kubernetes_has_its_kind_and_name() -> None:
    """Not the path, and only what becomes of it."""
    now: Json = {f"{APPS}runs": {"replicas": 2, "paused": False}, f"{APPS}agent": {"replicas": 3}}
    then: Json = {f"{APPS}runs": {"replicas": 0, "paused": False}, f"{APPS}agent": {"replicas": 0}}
    assert lines(now, then) == ["deployments/agent replicas: 3 -> 0", "deployments/runs replicas: 2 -> 0"]


def test_two_objects_of_one_name_keep_their_paths() -> None:
    """Which of them is meant must be seen."""
    now: Json = {f"/apis/apps/v1/namespaces/{one}/deployments/a": {"replicas": 1} for one in "xy"}
    then: Json = {f"/apis/apps/v1/namespaces/{one}/deployments/a": {"replicas": 0} for one in "xy"}
    assert lines(now, then)[1] == "/apis/apps/v1/namespaces/y/deployments/a replicas: 1 -> 0"


def test_what_lies_deep_is_named_by_its_end() -> None:
    """Several places in one object leave out only what they have in common."""
    assert lines(routed("agent"), routed("static")) == ["ingresses/support … service name: agent -> static"]
    assert lines(routed("agent"), routed("static", "b.example")) == [
        "ingresses/support … #1 host: a.example -> b.example",
        "ingresses/support … #1 http paths #1 backend service name: agent -> static",
    ]


def test_items_with_names_are_told_by_them() -> None:
    """One that is added before others is not a change of all others; one whose order changed is not hidden."""
    one, two, three = ({"name": name, "port": 80} for name in ("one", "two", "three"))
    assert lines({"list": [two]}, {"list": [one, two]}) == ['list one: absent -> {"name": "one", "port": 80}']
    assert lines([one, two, three], [three, two, one]) == ["#1 name: one -> three", "#3 name: three -> one"]


def test_what_is_not_there_is_absent() -> None:
    """A policy that is put on says how many statements it has, and begins to show them."""
    rule: Json = {"Effect": "Deny", "Action": ["bedrock:InvokeModel", "bedrock:Converse"], "Resource": "*"}
    (line,) = lines({"psfir-deny-1": None}, {"psfir-deny-1": {"Version": "2012-10-17", "Statement": [rule] * 3}})
    assert line.startswith('psfir-deny-1: absent -> 3 statements: [{"Action": ["bedrock:')
    assert line.endswith("…")
    assert lines({}, {"limit": None}) == ["limit: absent -> null"]
    assert lines({"limit": None}, {"limit": 0}) == ["limit: null -> 0"]


def test_long_values_are_cut_where_they_begin_to_differ() -> None:
    """Two that are alike for long do not look the same, and each cut is marked."""
    same = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/"
    (line,) = lines(f"{same}agent{'-x' * 40}", f"{same}static")
    left, _, right = line.partition(" -> ")
    assert "group/agent-x" in left
    assert left.endswith("…")
    assert len(left) == LONGEST
    assert right.endswith("group/static")


def test_values_that_would_read_alike_have_their_quotes() -> None:
    """The text `true` is not the truth value, and what a terminal would act on is shown, not obeyed."""
    assert lines("off", "on") == ["off -> on"]
    assert lines({"on": True}, {"on": "true"}) == ['on: true -> "true"']
    assert lines("a", "\x1b[2J") == ["a -> \\x1b[2J"]
