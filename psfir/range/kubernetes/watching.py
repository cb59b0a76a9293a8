"""Lists and watches: what selectors pick, page by page, and every change to it as it comes."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator

from psfir.range.kubernetes.resources import Obj
from psfir.range.kubernetes.routing import Call
from psfir.range.kubernetes.selectors import Picks, by_fields, by_labels
from psfir.range.kubernetes.status import StatusError, bad_request
from psfir.range.kubernetes.store import Change, Store

_WATCH_SECONDS = 1800.0


def picks(call: Call) -> Picks:
    labels, fields = by_labels(call.query.get("labelSelector", "")), by_fields(call.query.get("fieldSelector", ""))
    inside = call.namespace
    return lambda obj: (
        (not inside or obj["metadata"].get("namespace", "") == inside)
        and (not call.name or obj["metadata"]["name"] == call.name)
        and labels(obj)
        and fields(obj)
    )


def listed(call: Call, store: Store) -> Obj:
    """Items of built-in kinds bear no apiVersion and kind of their own, as on the real server."""
    picked = picks(call)
    with store.lock:
        found = [obj for obj in store.all(call.resource, call.namespace) if picked(obj)]
        version = store.version
    start, limit = _start(call.query.get("continue", "")), int(call.query.get("limit") or 0)
    page = found[start : start + limit] if limit else found[start:]
    meta: Obj = {"resourceVersion": str(version)}
    if left := len(found) - start - len(page):
        meta |= {"continue": urlsafe_b64encode(b"%d" % (start + len(page))).decode(), "remainingItemCount": left}
    if call.resource.native:
        page = [{key: value for key, value in obj.items() if key not in {"apiVersion", "kind"}} for obj in page]
    return {
        "kind": f"{call.resource.kind}List",
        "apiVersion": call.resource.api_version,
        "metadata": meta,
        "items": page,
    }


def watched(call: Call, store: Store) -> Iterator[bytes]:
    """From a version on; without one, first what is there. 410 comes as an event, in a stream that is 200."""
    picked = picks(call)
    since = call.query.get("resourceVersion", "")
    seconds = float(call.query.get("timeoutSeconds") or _WATCH_SECONDS)
    if since and not since.isdecimal():
        raise bad_request(f"resourceVersion: Invalid value: {json.dumps(since)}: strconv.ParseUint: invalid syntax")
    return _events(call, store, picked, after=int(since or 0), seconds=seconds)


def _events(call: Call, store: Store, picked: Picks, *, after: int, seconds: float) -> Iterator[bytes]:
    # Headers go out at once, as a client may wait for them before it changes anything.
    yield b""
    if not after:
        with store.lock:
            there, after = store.all(call.resource, call.namespace), store.version
        yield from (_line("ADDED", obj) for obj in there if picked(obj))
    try:
        for change in store.follow(call.resource, after, seconds=seconds):
            if told := _event(change, picked):
                yield told
    except StatusError as error:
        yield _line("ERROR", error.body)


def _event(change: Change, picked: Picks) -> bytes:
    """An object that the selector no longer picks is as good as deleted to this watch."""
    was = change.old is not None and picked(change.old)
    now = change.new is not None and picked(change.new)
    if not was and not now:
        return b""
    kind = "MODIFIED" if was and now else "ADDED" if now else "DELETED"
    return _line(kind, change.last)


def _line(kind: str, obj: Obj) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        return int(urlsafe_b64decode(token))
    except ValueError:
        raise bad_request("continue key is not valid") from None
