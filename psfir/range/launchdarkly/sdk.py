"""What SDKs get: the stream, the same by polling, and a place for their events. Nothing here is rate limited."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from queue import Empty, SimpleQueue

from psfir.range.launchdarkly.estate import Ear, Estate, Notice
from psfir.range.launchdarkly.refusal import Refused
from psfir.range.launchdarkly.shapes import Plain
from psfir.range.server import Asked, Reply

PATHS = {"/all", "/sdk/latest-all", "/bulk", "/diagnostic"}
# How soon a stream learns that its client went away.
_HEARTBEAT = 5.0
_SAME = ("key", "name", "salt", "on", "targets", "contextTargets", "fallthrough", "offVariation", "prerequisites")


def answer(estate: Estate, asked: Asked) -> Reply:
    with estate.lock:
        home = estate.sdk_keys.get(asked.headers.get("authorization", ""))
    if home is None:
        return Refused(401, "unauthorized", "Invalid SDK key").reply
    if asked.path == "/all":
        return Reply(headers={"Content-Type": "text/event-stream"}, stream=_stream(estate, home))
    if asked.path == "/sdk/latest-all":
        return _poll(estate, home, asked)
    if asked.path == "/bulk":
        _note(estate, home, asked)
    return Reply(202)


def hang_up(estate: Estate) -> None:
    """End every stream, also one that is only about to begin."""
    with estate.lock:
        estate.over = True
        for ear in estate.ears:
            ear.put(None)


def sdk_flag(thing: Plain, environment: str) -> Plain:
    """One flag, or AI config, in the form that SDKs evaluate."""
    here = thing["environments"][environment]
    return {
        **{name: here[name] for name in _SAME if name in here},
        "key": thing["key"],
        "version": here["version"],
        "deleted": False,
        "variations": [one["value"] for one in thing["variations"]],
        "rules": [{**rule, "id": rule["_id"]} for rule in here["rules"]],
        "trackEvents": here["trackEvents"],
        "trackEventsFallthrough": here["trackEventsFallthrough"],
    }


def _everything(estate: Estate, home: tuple[str, str]) -> Plain:
    project, environment = home
    with estate.lock:
        things = [*estate.projects[project]["flags"].values(), *estate.projects[project]["ai_configs"].values()]
        flags = {one["key"]: sdk_flag(one, environment) for one in things if not one["archived"]}
    return {"flags": flags, "segments": {}}


def _poll(estate: Estate, home: tuple[str, str], asked: Asked) -> Reply:
    body = _everything(estate, home)
    tag = f'"{sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:16]}"'
    if asked.headers.get("if-none-match") == tag:
        return Reply(304, headers={"ETag": tag})
    return Reply(body=body, headers={"ETag": tag})


def _stream(estate: Estate, home: tuple[str, str]) -> Iterator[bytes]:
    ear: Ear = SimpleQueue()
    with estate.lock:
        # First the ear: what changes in between is told twice, and SDKs go by the version.
        estate.ears.append(ear)
        if estate.over:
            ear.put(None)
    try:
        yield _event("put", {"path": "/", "data": _everything(estate, home)})
        yield from _news(estate, home, ear)
    finally:
        with estate.lock, suppress(ValueError):
            estate.ears.remove(ear)


def _news(estate: Estate, home: tuple[str, str], ear: Ear) -> Iterator[bytes]:
    while True:
        try:
            notice = ear.get(timeout=_HEARTBEAT)
        except Empty:
            yield b":\n\n"
            continue
        if notice is None:
            return
        if (notice.place.project, notice.environment) == home:
            yield _told(estate, notice)


def _told(estate: Estate, notice: Notice) -> bytes:
    with estate.lock:
        thing = estate.thing(notice.place)
        data = sdk_flag(thing, notice.environment)
    path = f"/flags/{notice.place.key}"
    if thing["archived"]:
        return _event("delete", {"path": path, "version": data["version"]})
    return _event("patch", {"path": path, "data": data})


def _event(name: str, data: Plain) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def _note(estate: Estate, home: tuple[str, str], asked: Asked) -> None:
    """Summaries say which flags were asked for; that is what a flag's status tells."""
    try:
        events = asked.json()
    except ValueError:
        return  # compressed or broken: the vendor takes it in silence too
    summaries = [one for one in events if isinstance(one, dict) and one.get("kind") == "summary"]
    with estate.lock:
        for key in (key for one in summaries for key in one.get("features", {})):
            estate.last_requested[(*home, key)] = estate.millis() / 1000
