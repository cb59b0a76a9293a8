"""http.request against a real server that is unpleasant: what it says is what has happened, and no secret is in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, NothingToDo, Outcome, Result
from psfir.domain.modes import Mode
from psfir.engine.pull import outcome_of
from psfir.errors import Drift, LeverError, NoAnswer, NoSuchTarget, PsfirError, Refusal, Unreachable
from psfir.levers.http.request import HttpRequest
from psfir.testing.waiting import eventually
from tests.shares import told
from tests.vendors.http_stand_in import KEY, MIB, TOKEN, Fault, Say, StandIn, applied_then, close, drip, hang, raw

TARGET: dict[str, Any] = {
    "connection": "assistant",
    "read": {"path": "/state", "pointer": "/enabled"},
    "apply": {"method": "PUT", "path": "/state", "body": {"enabled": "${value}"}},
}
APPLIED_500 = Say(500, b"oops", first=True)
DRIPS = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")


@pytest.fixture
def stand() -> Iterator[StandIn]:
    with StandIn() as stand:
        yield stand


@pytest.fixture
def lever(stand: StandIn) -> HttpRequest:
    return HttpRequest(stand.connection())


def planned(lever: HttpRequest, value: Json = False, **more: object) -> Change:
    target = {**TARGET, **more}
    change = lever.plan(target, lever.read(target, within=10), Mode.DISABLE, {"value": value})
    assert isinstance(change, Change)
    return change


def pulled(
    lever: HttpRequest, change: Change, reached: Callable[[], object] = lambda: True, *, within: float = 10.0
) -> Outcome:
    """What the engine would record."""
    said = told(lambda share: lever.apply(change, within=share), reached, share=within)
    return outcome_of(said) if isinstance(said, PsfirError) else said


MATRIX: dict[str, tuple[Fault, Result, bool, int]] = {
    "it goes well": (Say(204, first=True), Result.CHANGED, False, 1),
    "accepted, to be done later": (Say(202), Result.CHANGED, False, 0),
    "400": (Say(400), Result.REFUSED, False, 0),
    "401": (Say(401), Result.REFUSED, False, 0),
    "403": (Say(403), Result.REFUSED, False, 0),
    "404": (Say(404), Result.FAILED, False, 0),
    "405, approval required": (Say(405), Result.REFUSED, False, 0),
    "409": (Say(409), Result.REFUSED, False, 0),
    "410": (Say(410), Result.FAILED, False, 0),
    "412": (Say(412), Result.REFUSED, False, 0),
    "422": (Say(422), Result.REFUSED, False, 0),
    "429": (Say(429, headers={"Retry-After": "3"}), Result.FAILED, True, 0),
    "500": (Say(500), Result.UNKNOWN, False, 0),
    "500 after having applied it": (APPLIED_500, Result.UNKNOWN, False, 1),
    "503": (Say(503), Result.UNKNOWN, False, 0),
    "redirected, not done": (Say(307, headers={"Location": "/other"}), Result.REFUSED, False, 0),
    "redirected, perhaps done": (Say(303, headers={"Location": "/done"}), Result.UNKNOWN, False, 0),
    "hangs": (hang, Result.UNKNOWN, False, 0),
    "applies and hangs": (applied_then(hang), Result.UNKNOWN, False, 1),
    "hangs up": (close, Result.UNKNOWN, False, 0),
    "applies and hangs up": (applied_then(close), Result.UNKNOWN, False, 1),
    "headers, then nothing": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), Result.UNKNOWN, False, 0),
    "drips": (DRIPS, Result.UNKNOWN, False, 0),
    "a huge answer": (Say(200, b"x" * (MIB + 1), first=True), Result.UNKNOWN, False, 1),
    "garbage": (raw(b"<html>\r\n\r\n"), Result.UNKNOWN, False, 0),
}


@pytest.mark.parametrize(("fault", "result", "again", "effects"), MATRIX.values(), ids=MATRIX)
def test_the_fault_matrix(stand: StandIn, fault: Fault, result: Result, again: bool, effects: int) -> None:
    """Only what is known not to have been done is failed or refused, and the write is sent exactly once."""
    lever = HttpRequest(stand.connection())
    change = planned(lever)
    stand.fault("PUT", fault)
    outcome = pulled(lever, change, stand.writes, within=0.3)
    assert (outcome.result, outcome.again) == (result, again), outcome
    eventually(lambda: stand.writes() and stand.effects >= effects)
    assert stand.effects == effects
    assert len(stand.writes()) == 1
    # Pulled again, it ends where it should, with one effect and no more.
    assert pulled(lever, change).result is (Result.ALREADY_SO if effects else Result.CHANGED)
    assert stand.effects == 1


READING: dict[str, tuple[Fault, bool]] = {
    "hangs": (hang, True),
    "hangs up": (close, True),
    "drips": (DRIPS, True),
    "503": (Say(503), True),
    "429": (Say(429), True),
    "401": (Say(401), False),
    "404": (Say(404), False),
    "no JSON": (Say(200, b"<html>on</html>"), False),
}


@pytest.mark.parametrize(("fault", "again"), READING.values(), ids=READING)
def test_what_goes_wrong_before_the_write(lever: HttpRequest, stand: StandIn, fault: Fault, again: bool) -> None:
    """If the reading right before the write goes wrong nothing is written, and it is never called unknown."""
    change = planned(lever)
    stand.fault("GET", fault, fault)
    outcome = pulled(lever, change, within=0.3 if fault is hang or fault is DRIPS else 10.0)
    assert outcome.result in {Result.FAILED, Result.REFUSED}
    assert outcome.again is again
    assert stand.writes() == []


def test_reading_says_that_it_only_read(lever: HttpRequest, stand: StandIn) -> None:
    """A reading without an answer is safe to try again: it is Unreachable, not NoAnswer."""
    stand.always["GET"] = hang
    before = len(stand.seen)
    error = told(lambda share: lever.read(TARGET, within=share), lambda: len(stand.seen) > before)
    assert isinstance(error, Unreachable)
    assert "only to be read" in error.what


def test_the_write_carries_the_planned_entity_tag(lever: HttpRequest, stand: StandIn) -> None:
    """With a strong tag the change has its version, and the write says If-Match."""
    tag = stand.tag()
    change = planned(lever)
    assert change.version == tag
    assert lever.apply(change, within=10).result is Result.CHANGED
    (write,) = stand.writes()
    assert write.headers["If-Match"] == tag
    assert json.loads(write.body) == {"enabled": False}
    assert write.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(("etag", "compare"), [("weak", None), ("", None), ("strong", "value"), ("weak", "value")])
def test_without_a_strong_tag_the_value_decides(stand: StandIn, etag: str, compare: str | None) -> None:
    """No If-Match is sent; somebody else's value is seen right before the write, and stands."""
    stand.etag = etag
    lever = HttpRequest(stand.connection())
    change = planned(lever, **({"compare": compare} if compare else {}))
    assert change.version is None
    stand.document["enabled"] = "theirs"
    with pytest.raises(Drift) as raised:
        lever.apply(change, within=10)
    assert (raised.value.expected, raised.value.found) == (True, "theirs")
    assert stand.writes() == []
    stand.document["enabled"] = True
    assert lever.apply(change, within=10).result is Result.CHANGED
    assert "If-Match" not in stand.writes()[0].headers


def test_a_declared_tag_must_be_there(lever: HttpRequest, stand: StandIn) -> None:
    """`compare: etag` against an API without strong tags is an error at reading, not a silent weaker guard."""
    for etag in ("weak", ""):
        stand.etag = etag
        with pytest.raises(LeverError, match="no strong entity tag"):
            lever.read({**TARGET, "compare": "etag"}, within=10)


def test_an_api_that_ignores_if_match(lever: HttpRequest, stand: StandIn) -> None:
    """Its tag protects nothing, so the value is looked at as well: drift is refused before the write."""
    stand.heeds = False
    change = planned(lever)
    stand.document["enabled"] = "theirs"
    with pytest.raises(Drift):
        lever.apply(change, within=10)
    assert stand.writes() == []


def _faster(stand: StandIn, value: Json) -> Fault:
    """Somebody else writes between our reading and our write."""

    def fault(handler: Any) -> None:  # noqa: ANN401 - the handler of the stand-in
        stand.document["enabled"] = value
        handler.answer(412, b"somebody was faster", {})

    return fault


def test_somebody_is_faster(lever: HttpRequest, stand: StandIn) -> None:
    """412 is Drift with what was expected and what is there now; if that is what we wanted, it is already so."""
    change = planned(lever)
    stand.fault("PUT", _faster(stand, "theirs"))
    with pytest.raises(Drift) as raised:
        lever.apply(change, within=10)
    assert (raised.value.expected, raised.value.found) == (True, "theirs")
    stand.document["enabled"] = True
    stand.fault("PUT", _faster(stand, False))
    assert lever.apply(change, within=10).result is Result.ALREADY_SO


def test_a_change_beside_the_value(lever: HttpRequest, stand: StandIn) -> None:
    """The document changed elsewhere: the tag refuses once, and a plan of now goes through."""
    change = planned(lever)
    stand.document["model"] = "small"
    with pytest.raises(Drift, match="something beside") as raised:
        lever.apply(change, within=10)
    assert raised.value.found is True
    assert lever.apply(planned(lever), within=10).result is Result.CHANGED
    assert stand.document == {"enabled": False, "model": "small"}


def test_restore_sends_the_old_value(lever: HttpRequest, stand: StandIn) -> None:
    """By apply's request unless another is declared, guarded by the tag of now."""
    ways: list[dict[str, Any]] = [
        {},
        {"restore": {"method": "PATCH", "path": "/restore", "body": {"enabled": "${value}"}}},
    ]
    for more in ways:
        change = planned(lever, **more)
        lever.apply(change, within=10)
        stand.document["model"] += "!"
        tag = stand.tag()
        assert lever.restore(change, within=10).result is Result.CHANGED
        write = stand.writes()[-1]
        assert (write.method, write.path) == (("PATCH", "/restore") if more else ("PUT", "/state"))
        assert write.headers["If-Match"] == tag
        assert stand.document["enabled"] is True
        assert lever.restore(change, within=10).result is Result.ALREADY_SO


def test_restore_does_not_overwrite(lever: HttpRequest, stand: StandIn) -> None:
    """Somebody set it to something else since: both values are in the refusal, and theirs stands."""
    change = planned(lever)
    lever.apply(change, within=10)
    stand.document["enabled"] = "theirs"
    with pytest.raises(Drift) as raised:
        lever.restore(change, within=10)
    assert (raised.value.expected, raised.value.found) == (False, "theirs")
    assert len(stand.writes()) == 1


def test_verify_looks(lever: HttpRequest, stand: StandIn) -> None:
    """It says what is there now, whatever was answered to the write."""
    change = planned(lever)
    stand.fault("PUT", Say(200))
    assert lever.apply(change, within=10).result is Result.CHANGED
    look = lever.verify(change, within=10)
    assert (look.held, look.says) == (Held.NOT_HELD, "/enabled of /state is true")
    stand.document["enabled"] = False
    assert lever.verify(change, within=10).held is Held.HELD


def test_nothing_to_do(lever: HttpRequest, stand: StandIn) -> None:
    """A value that is so already is said, and numbers are compared as JSON compares them."""
    reading = lever.read(TARGET, within=10)
    assert isinstance(lever.plan(TARGET, reading, Mode.DISABLE, {"value": True}), NothingToDo)
    assert isinstance(lever.plan(TARGET, replace(reading, state=1), Mode.DISABLE, {"value": 1.0}), NothingToDo)
    assert isinstance(lever.plan(TARGET, replace(reading, state=1), Mode.DISABLE, {"value": True}), Change)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"on",
        b'{"enabled": true, "enabled": false}',
        b'{"enabled": NaN}',
        b'{"enabled": 12345678901234567}',
        b'"\\ud800"',
        b"[" * 5000,
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_no_json(lever: HttpRequest, stand: StandIn, body: bytes) -> None:
    """What another process could not read back from the record is an error at reading."""
    stand.fault("GET", Say(200, body))
    with pytest.raises(LeverError, match="GET /state: its answer is not JSON"):
        lever.read({**TARGET, "read": {"path": "/state"}}, within=10)


def test_a_pointer_that_leads_nowhere(lever: HttpRequest, stand: StandIn) -> None:
    """It is named, with what is there instead."""
    with pytest.raises(NoSuchTarget) as raised:
        lever.read({**TARGET, "read": {"path": "/state", "pointer": "/enable"}}, within=10)
    assert "no /enable" in raised.value.what
    assert raised.value.todo == "did you mean enabled?"
    whole = lever.read({**TARGET, "read": {"path": "/state"}}, within=10)
    assert whole.state == stand.document


def leaks(said: object) -> bool:
    text = f"{said!r} {said} {vars(said) if hasattr(said, '__dict__') else ''}"
    encoded = base64.b64encode(TOKEN.encode()).decode()[:20]
    return any(canary in text for canary in (TOKEN, KEY, encoded))


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 409, 412, 429, 500, 503])
@pytest.mark.parametrize("echo", [TOKEN, f"Bearer {TOKEN}", KEY, base64.b64encode(TOKEN.encode()).decode()])
def test_no_secret_comes_back_in_anything(stand: StandIn, status: int, echo: str) -> None:
    """An API that echoes the credential in body, reason and headers finds it in no error, reading, outcome or look."""
    lever = HttpRequest(stand.connection())
    change = planned(lever)
    headers = {"Location": f"http://elsewhere.test/{echo}", "ETag": f'"{echo}"', "Retry-After": echo}
    body = json.dumps({"enabled": True, "why": echo}).encode()
    said: list[object] = []
    for method in ("GET", "PUT"):
        stand.always = {method: Say(status, body, headers)}
        for deed in (lever.apply, lever.restore, lever.verify):
            try:
                said.append(deed(change, within=10))
            except PsfirError as error:
                said += [error, error.what, error.todo, error.where, outcome_of(error)]
        try:
            said.append(lever.read(TARGET, within=10))
        except PsfirError as error:
            said += [error, outcome_of(error)]
    assert [each for each in said if leaks(each)] == []


@pytest.mark.parametrize("holding", [TOKEN, f"Bearer {KEY}", base64.b64encode(KEY.encode()).decode()])
def test_a_value_that_is_a_secret_is_refused(lever: HttpRequest, stand: StandIn, holding: str) -> None:
    """Before or after would be recorded: reading, planning and applying refuse it, deep inside and in any form."""
    change = planned(lever)
    reading = lever.read(TARGET, within=10)
    deep = {"routes": [{"auth": holding}]}
    for refused in (
        lambda: lever.plan(TARGET, reading, Mode.DISABLE, {"value": deep}),
        lambda: lever.plan(TARGET, replace(reading, state=deep), Mode.DISABLE, {"value": False}),
        lambda: lever.apply(replace(change, after=deep), within=10),
        lambda: lever.restore(replace(change, before=deep), within=10),
    ):
        with pytest.raises(Refusal, match="secret") as raised:
            refused()
        assert not leaks(raised.value)
    stand.document["enabled"] = deep
    with pytest.raises(Refusal, match="secret"):
        lever.read(TARGET, within=10)
    assert stand.writes() == []


def test_unclear_answers_are_raised_not_guessed(lever: HttpRequest, stand: StandIn) -> None:
    """The lever does not resolve NoAnswer itself: the engine does, by reading, and records both."""
    change = planned(lever)
    stand.fault("PUT", APPLIED_500)
    with pytest.raises(NoAnswer, match="may have been carried out"):
        lever.apply(change, within=10)
    assert lever.read(TARGET, within=10).state is False


def test_a_change_that_went_through_a_file(lever: HttpRequest, stand: StandIn) -> None:
    """Another process restores from the recorded JSON alone."""
    change = planned(lever, {"reply": ["so", 1, None]})
    assert lever.apply(change, within=10).result is Result.CHANGED
    recorded: Mapping[str, Any] = json.loads(json.dumps(change.to_json()))
    other = HttpRequest(stand.connection())
    assert other.restore(Change.from_json(recorded), within=10).result is Result.CHANGED
    assert stand.document["enabled"] is True
