"""DynamoDB in memory: single items and queries by key, for a role that may. Tables are laid out, not made on the wire.

An expression that is not known here is refused and never passed over: no answer is one that DynamoDB would not give.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any, TypeAlias

from psfir.domain.canon import Json
from psfir.range.aws.conditions import NotUnderstood, holds, key_condition
from psfir.range.aws.gate import Call, Gate
from psfir.range.aws.protocols import Error, refused
from psfir.range.server import Asked, Reply

Item: TypeAlias = Mapping[str, Mapping[str, Json]]
"""As DynamoDB writes it: {"id": {"S": "o-1"}, "total": {"N": "12"}}."""

_TARGET = "DynamoDB_20120810."
_KNOWN = frozenset({"GetItem", "PutItem", "Query"})
_KIND = {"Content-Type": "application/x-amz-json-1.0"}


class Table:
    """`key` are the names of its partition key and, if it has one, its sort key."""

    def __init__(self, key: tuple[str, ...], items: Iterable[Item]) -> None:
        self.key = key
        self._lock = Lock()
        self._items = {self._place(item): item for item in items}

    def get(self, key: Item) -> Item | None:
        with self._lock:
            return self._items.get(self._place(key))

    def put(self, item: Item, may: Callable[[Item | None], bool] = lambda _: True) -> bool:
        """False, and nothing was put, if `may` says no to what is there."""
        with self._lock:
            if not may(self._items.get(self._place(item))):
                return False
            self._items[self._place(item)] = item
            return True

    def all(self) -> list[Item]:
        """In the order of their keys."""
        with self._lock:
            return [self._items[place] for place in sorted(self._items)]

    def _place(self, item: Item) -> str:
        """KeyError if a part of the key is missing."""
        return json.dumps([item[name] for name in self.key], sort_keys=True)


class Items:
    """`tables` by name; a scenario may read and write them as it likes."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.tables: dict[str, Table] = {}

    def table(self, name: str, key: tuple[str, ...] = ("id",), items: Iterable[Item] = ()) -> Table:
        """Make it, in place of one of that name."""
        made = self.tables[name] = Table(key, items)
        return made

    def takes(self, asked: Asked) -> bool:
        return asked.headers.get("x-amz-target", "").startswith(_TARGET)

    def answer(self, call: Call) -> Reply:
        operation = call.asked.headers["x-amz-target"].removeprefix(_TARGET)
        if operation not in _KNOWN:
            return refused(call.asked, Error("UnknownOperationException", f"{operation} is not on this range", 400))
        try:
            params = call.asked.json()
            name = str(params["TableName"]).rpartition("/")[2]
        except (ValueError, KeyError, TypeError):
            return refused(call.asked, Error("SerializationException", "it is no such request", 400))
        if denied := self._gate.denied(call, f"dynamodb:{operation}", call.arn("dynamodb", f"table/{name}")):
            return denied
        if name not in self.tables:
            said = f"Requested resource not found: Table: {name} not found"
            return refused(call.asked, Error("ResourceNotFoundException", said, 400))
        try:
            found = _done(operation, self.tables[name], params)
        except NotUnderstood as error:
            found = Error("ValidationException", str(error), 400)
        except (KeyError, TypeError, AttributeError):
            found = Error("ValidationException", "The provided key element does not match the schema", 400)
        return refused(call.asked, found) if isinstance(found, Error) else Reply(200, found, _KIND)

    def reset(self) -> None:
        """No table is left."""
        self.tables.clear()


def _done(operation: str, table: Table, params: Mapping[str, Any]) -> dict[str, Any] | Error:
    if operation == "GetItem":
        found = table.get(params["Key"])
        return {} if found is None else {"Item": found}
    if operation == "PutItem":
        put = table.put(params["Item"], lambda found: holds(params, found))
        return {} if put else Error("ConditionalCheckFailedException", "The conditional request failed", 400)
    wanted = key_condition(params)
    some = [item for item in table.all() if wanted(item)]
    if params.get("ScanIndexForward") is False:
        some.reverse()
    some = some[: params.get("Limit") or None]
    return {"Items": some, "Count": len(some), "ScannedCount": len(some)}
