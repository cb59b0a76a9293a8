"""Bedrock's guardrails: drafts, numbered versions, and the one that the account enforces. Of what they hold, words.

`making` is how many seconds a version takes until it is ready, `delay` how many what is enforced takes to count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar

from psfir.domain.values import frozen
from psfir.range.aws.modelled import Handler, Keeping, No
from psfir.range.aws.moto import ACCOUNT, REGION

DRAFT = "DRAFT"
_GONE, _INVALID = "ResourceNotFoundException", "ValidationException"


@frozen
class Version:
    """What it blocks, and what is said in place of it."""

    words: tuple[str, ...]
    blocked_input: str
    blocked_output: str
    made: float


@dataclass
class Guardrail:
    name: str
    draft: Version
    versions: dict[str, Version] = field(default_factory=dict)


@frozen
class Applied:
    """One version that is applied to a request, with its guardrail's ID."""

    id: str
    version: Version


class Guardrails(Keeping):
    service: ClassVar[str] = "bedrock"

    def begin(self) -> None:
        self._ids = count(1)
        self._guardrails: dict[str, Guardrail] = {}
        self.enforced: dict[str, Any] | None = None
        self._counts: tuple[float, dict[str, Any] | None] = 0.0, None
        self.making = 0.0
        self.delay = 0.0

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "CreateGuardrail": self._create,
            "UpdateGuardrail": self._update,
            "CreateGuardrailVersion": self._version,
            "GetGuardrail": self._get,
            "DeleteGuardrail": self._delete,
            "PutEnforcedGuardrailConfiguration": self._enforce,
            "ListEnforcedGuardrailsConfiguration": self._list,
            "DeleteEnforcedGuardrailConfiguration": self._let_go,
        }

    def resources(self, operation: str, params: Mapping[str, Any]) -> Iterable[str]:
        if "guardrailIdentifier" in params:
            return (f"guardrail/{_id(params['guardrailIdentifier'])}",)
        return super().resources(operation, params)

    def lay_out(self, name: str, versions: Iterable[str]) -> None:
        """By its id and the numbers of its versions; all of them let everything through."""
        with self.lock:
            empty = Version((), "", "", self.now - self.making)
            self._guardrails[name] = Guardrail(name, empty, dict.fromkeys(versions, empty))

    def has(self, name: str) -> bool:
        with self.lock:
            return name in self._guardrails

    def applied(self, model: str, told: Mapping[str, Any]) -> list[Applied]:
        """What the request names and what the account enforces for that model; `No` for a version that is not there."""
        with self.lock:
            named = []
            if told.get("guardrailIdentifier"):
                named.append((str(told["guardrailIdentifier"]), str(told.get("guardrailVersion") or DRAFT)))
            since, before = self._counts
            config = before if self.now < since else self.enforced
            if config and _for(model, config.get("modelEnforcement")):
                named.append((config["guardrailId"], config["guardrailVersion"]))
            return [Applied(_id(one), self._found(one, version)) for one, version in named]

    # --- guardrails ---

    def _create(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            name = f"rail{next(self._ids):04d}"
            self._guardrails[name] = Guardrail(str(params["name"]), self._read(params))
            return {"guardrailId": name, "guardrailArn": _arn(name), "version": DRAFT, "createdAt": self.now}

    def _update(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            name = _id(params["guardrailIdentifier"])
            self._guardrail(name).draft = self._read(params)
            return {"guardrailId": name, "guardrailArn": _arn(name), "version": DRAFT, "updatedAt": self.now}

    def _version(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            name = _id(params["guardrailIdentifier"])
            there = self._guardrail(name)
            number = str(len(there.versions) + 1)
            old = there.draft
            made = self.now
            there.versions[number] = Version(old.words, old.blocked_input, old.blocked_output, made)
            return {"guardrailId": name, "version": number}

    def _get(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            name, version = _id(params["guardrailIdentifier"]), str(params.get("guardrailVersion") or DRAFT)
            found = self._found(name, version)
            ready = version == DRAFT or self.now >= found.made + self.making
            return {
                "name": self._guardrail(name).name,
                "guardrailId": name,
                "guardrailArn": _arn(name),
                "version": version,
                "status": "READY" if ready else "VERSIONING",
                "wordPolicy": {"words": [{"text": one} for one in found.words]},
                "blockedInputMessaging": found.blocked_input,
                "blockedOutputsMessaging": found.blocked_output,
                "createdAt": found.made,
                "updatedAt": found.made,
            }

    def _delete(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            name, version = _id(params["guardrailIdentifier"]), params.get("guardrailVersion")
            there = self._guardrail(name)
            if self.enforced and self.enforced["guardrailId"] == name:
                raise No("ConflictException", "The guardrail is enforced")
            if version:
                self._found(name, str(version))
                del there.versions[str(version)]
            else:
                del self._guardrails[name]
        return {}

    # --- what the account enforces ---

    def _enforce(self, params: Mapping[str, Any]) -> dict[str, Any]:
        told = params["guardrailInferenceConfig"]
        with self.lock:
            name = _id(told["guardrailIdentifier"])
            self._found(name, str(told["guardrailVersion"]))
            there = self.enforced
            if there is None and params.get("configId"):
                raise No(_GONE, f"There is no configuration {params['configId']}")
            if there and params.get("configId") != there["configId"]:
                raise No("ConflictException", "The account enforces a guardrail already")
            keys = ("selectiveContentGuarding", "modelEnforcement")
            options = {key: told[key] for key in keys if key in told}
            config = there["configId"] if there else "range"
            names = {"guardrailId": name, "guardrailArn": _arn(name), "guardrailVersion": told["guardrailVersion"]}
            self._becomes({"configId": config, "owner": "ACCOUNT", **names, **options})
            return {"configId": config, "updatedAt": self.now}

    def _list(self, _params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            return {"guardrailsConfig": [dict(self.enforced)] if self.enforced else []}

    def _let_go(self, params: Mapping[str, Any]) -> dict[str, Any]:
        with self.lock:
            if not self.enforced or self.enforced["configId"] != params["configId"]:
                raise No(_GONE, f"There is no configuration {params['configId']}")
            self._becomes(None)
        return {}

    def _becomes(self, config: dict[str, Any] | None) -> None:
        self._counts = self.now + self.delay, self.enforced
        self.enforced = config

    # --- what is not there ---

    def _guardrail(self, name: str) -> Guardrail:
        if name not in self._guardrails:
            raise No(_GONE, f"There is no guardrail {name}")
        return self._guardrails[name]

    def _found(self, name: str, version: str) -> Version:
        there = self._guardrail(_id(name))
        found = there.draft if version == DRAFT else there.versions.get(version)
        if found is None:
            raise No(_GONE, f"There is no version {version} of the guardrail {_id(name)}")
        return found

    def _read(self, params: Mapping[str, Any]) -> Version:
        policy = params.get("wordPolicyConfig") or {}
        words = tuple(str(one["text"]).lower() for one in policy.get("wordsConfig", []))
        messages = str(params["blockedInputMessaging"]), str(params["blockedOutputsMessaging"])
        return Version(words, *messages, self.now)


def refuses(version: Version, text: str) -> bool:
    return any(word in text.lower() for word in version.words)


def _id(said: object) -> str:
    """Also of what is named by its ARN."""
    return str(said).rpartition("/")[2]


def _arn(name: str) -> str:
    return f"arn:aws:bedrock:{REGION}:{ACCOUNT}:guardrail/{name}"


def _for(model: str, some: Mapping[str, Any] | None) -> bool:
    if not some:
        return True
    included, excluded = some["includedModels"], some["excludedModels"]
    return model not in excluded and ("ALL" in included or model in included)
