"""LiteLLM as its admins and its consumers see it: one database, and replicas that each remember for themselves.

`url` is a balancer's: it asks the replicas in turn. `places` are the replicas' own addresses, by a path of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from hashlib import sha256
from itertools import count
from threading import Lock
from typing import Any

from psfir.domain.values import frozen
from psfir.range.served import Served
from psfir.range.server import Asked, Reply

ADMIN = "sk-range-litellm-admin"
_BLOCKED = "Authentication Error, Key is blocked. Update via `/key/unblock` if you're an admin."


@frozen
class _Replica:
    """What one replica remembers: keys as it saw them first, and its list of models."""

    keys: dict[str, bool] = field(default_factory=dict)
    models: dict[str, dict[str, Any]] = field(default_factory=dict)


class LiteLLM(Served):
    """`keys` and `models` are the database. `effects` counts what calls have changed, in it or in a replica."""

    def __init__(self, *, replicas: int = 1, admin: str = ADMIN) -> None:
        super().__init__()
        self.keys: dict[str, dict[str, Any]] = {}
        self.models: dict[str, dict[str, Any]] = {}
        self.effects = 0
        self._admin = admin
        self._replicas = [_Replica() for _ in range(replicas)]
        self._turn = count()
        self._lock = Lock()

    def places(self, url: str = "") -> list[str]:
        """Each replica's own address, below this one."""
        return [f"{url or self.url}/replica-{number}" for number in range(len(self._replicas))]

    def add_key(self, key: str, *, alias: str, models: list[str]) -> str:
        """A virtual key; its hash."""
        self.add_hashed(digest(key), alias=alias, models=models)
        return digest(key)

    def add_hashed(self, hashed: str, *, alias: str, models: list[str]) -> None:
        """One of which only the hash is known, so that nobody can come with it."""
        row = {"key_alias": alias, "models": models, "expires": None, "blocked": None, "spend": 0.0}
        self.keys[hashed] = row

    def add_model(self, model: str, name: str, *, stored: bool = True) -> None:
        info = {"id": model, "db_model": stored, **({"blocked": False} if stored else {})}
        self.models[model] = {"model_name": name, "litellm_params": {"model": "openai/range"}, "model_info": info}
        for number in range(len(self._replicas)):
            self.refresh(number)

    def reset(self) -> None:
        """Neither the database nor a replica knows anything any more."""
        with self._lock:
            self.keys.clear()
            self.models.clear()
            for replica in self._replicas:
                replica.keys.clear()
                replica.models.clear()

    def refresh(self, number: int) -> None:
        """A replica looks at the database again, as each does from time to time."""
        replica = self._replicas[number]
        replica.keys.clear()
        replica.models.clear()
        replica.models.update({model: _copied(row) for model, row in self.models.items()})

    def takes(self, number: int, key: str) -> bool:
        """Whether a replica lets a consumer with this key through."""
        return self._consumer(self._replicas[number], key) is None

    def offers(self, number: int, model: str) -> bool:
        row = self._replicas[number].models.get(model)
        return row is not None and row["model_info"].get("blocked") is not True

    def lets(self, hashed: str) -> bool:
        """Whether the key of that hash is let through anywhere: by the database, or by what a replica remembers."""
        row = self.keys.get(hashed)
        remembered = (replica.keys.get(hashed) is False for replica in self._replicas)
        return row is None or row["blocked"] is not True or any(remembered)

    def offered(self, model: str) -> bool:
        """Whether any replica has the model, or none of them ever had it."""
        return model not in self.models or any(self.offers(number, model) for number in range(len(self._replicas)))

    def _handle(self, asked: Asked) -> Reply:
        with self._lock:
            number, path = self._routed(asked.path)
            if number >= len(self._replicas):
                return _error(404, "no such replica")
            token = asked.headers.get("authorization", "").removeprefix("Bearer ")
            replica = self._replicas[number]
            if path == "/v1/models" and token != self._admin:
                return self._consumer(replica, token) or Reply(200, {"data": self._offered(replica)})
            if token != self._admin:
                known = self._consumer(replica, token)
                return known or _error(403, "Only proxy admins can do this.")
            return self._admins(asked, replica, path, number)

    def _routed(self, path: str) -> tuple[int, str]:
        head, _, rest = path.lstrip("/").partition("/")
        if head.startswith("replica-"):
            return int(head.removeprefix("replica-")), f"/{rest}"
        return next(self._turn) % len(self._replicas), path

    def _consumer(self, replica: _Replica, token: str) -> Reply | None:
        """The refusal, or None. A key is looked up once, and remembered."""
        row = self.keys.get(digest(token))
        if digest(token) not in replica.keys:
            if row is None:
                return _error(401, "Authentication Error, Invalid proxy server token passed.")
            replica.keys[digest(token)] = row["blocked"] is True
        return _error(401, _BLOCKED) if replica.keys[digest(token)] else None

    def _offered(self, replica: _Replica) -> list[dict[str, str]]:
        rows = [row for row in replica.models.values() if row["model_info"].get("blocked") is not True]
        return [{"id": row["model_name"], "object": "model"} for row in rows]

    def _admins(self, asked: Asked, replica: _Replica, path: str, number: int) -> Reply:
        if (asked.method, path) == ("GET", "/key/info"):
            row = self.keys.get(asked.query.get("key", ""))
            return (
                Reply(200, {"key": asked.query["key"], "info": row})
                if row
                else _error(404, "Key not found in database")
            )
        if (asked.method, path) == ("GET", "/model/info"):
            return _model_info(replica, asked.query.get("litellm_model_id"))
        kind, _, verb = path.strip("/").partition("/")
        if asked.method == "POST" and verb in {"block", "unblock"} and kind in {"key", "model"}:
            body, block = asked.json(), verb == "block"
            if kind == "key":
                return self._block_key(replica, str(body.get("key")), block=block)
            return self._block_model(number, str(body.get("model_id")), block=block)
        return Reply(404, {"detail": "Not Found"})

    def _block_key(self, replica: _Replica, key: str, *, block: bool) -> Reply:
        row = self.keys.get(digest(key) if key.startswith("sk-") else key)
        if row is None:
            return _error(404, "Key not found.")
        stale = replica.keys.pop(digest(key) if key.startswith("sk-") else key, None)
        self.effects += row["blocked"] is not block or stale not in (None, block)
        row["blocked"] = block
        return Reply(200, dict(row))

    def _block_model(self, number: int, model: str, *, block: bool) -> Reply:
        row = self.models.get(model)
        if row is None:
            return _error(404, f"Model {model} not found on proxy.")
        if not row["model_info"]["db_model"]:
            return _error(400, "Cannot edit config-based model. Store model in DB via /model/new first.")
        known = self._replicas[number].models.get(model)
        self.effects += known is None or known["model_info"]["blocked"] is not block
        row["model_info"]["blocked"] = block
        self._replicas[number].models[model] = _copied(row)
        return Reply(200, {"model_id": model, "blocked": block})


def digest(key: str) -> str:
    """The hash by which LiteLLM knows a key."""
    return sha256(key.encode()).hexdigest()


def _model_info(replica: _Replica, model: str | None) -> Reply:
    if model is None:
        return Reply(200, {"data": [_copied(row) for row in replica.models.values()]})
    row = replica.models.get(model)
    if row is None:
        return Reply(400, {"detail": {"error": f"Model id = {model} not found on litellm proxy"}})
    return Reply(200, {"data": [_copied(row)]})


def _copied(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "model_info": dict(row["model_info"])}


def _error(status: int, message: str) -> Reply:
    return Reply(status, {"error": {"message": message, "type": "error", "param": None, "code": str(status)}})
