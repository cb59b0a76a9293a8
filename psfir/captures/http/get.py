"""`http.get`: keeps what an address answered, as evidence of how the feature behaved before it was contained."""

from __future__ import annotations

import re
from typing import ClassVar

from psfir.contracts import BoundConnection, Captured, Target
from psfir.domain.about import CaptureAbout, Field, FieldType, Permission
from psfir.vendors.http import HttpClient, Request
from psfir.vendors.shared import shared

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_ENDINGS = {"application/json": ".json", "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv"}
_LONGEST_NAME = 80


class GetCapture:
    """One GET. What its own credentials are is taken out of what is kept."""

    about: ClassVar[CaptureAbout] = CaptureAbout(
        name="http.get",
        line="Keeps what an address answers.",
        connects=("http",),
        target=(Field("path", FieldType.PATH, "what to get, below the connection's url"),),
        example={"source": "http.get", "target": {"connection": "assistant", "path": "/admin/state"}},
        keeps="the body of the answer, whole; an answer above 1 MiB is none",
        permissions=(Permission("http", "read", "{connection}"),),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._client = shared(connection, HttpClient)
        self._connection = connection.name

    def take(self, target: Target, *, within: float) -> Captured:
        path = str(target["path"])
        answer = self._client.send(Request("GET", path), within=within)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        kind = kind if _MEDIA_TYPE.fullmatch(kind) else "application/octet-stream"
        # Bytes that are no text come through unharmed: each stands for itself both ways.
        text = self._client.clean(answer.body.decode("utf-8", errors="surrogateescape"))
        return Captured(self._name(path, kind), kind, text.encode("utf-8", errors="surrogateescape"))

    def _name(self, path: str, kind: str) -> str:
        """The connection and the path, as any file system takes it; without the query, which may say too much."""
        words = re.sub(r"[^A-Za-z0-9]+", "-", f"{self._connection}-{path.partition('?')[0]}").strip("-")
        return words[:_LONGEST_NAME] + _ENDINGS.get(kind, "")
