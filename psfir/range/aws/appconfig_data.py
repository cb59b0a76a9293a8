"""What an application gets of AppConfig: by a session, and anew only once it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any, ClassVar

from psfir.range.aws.appconfig import AppConfig
from psfir.range.aws.appconfig_store import BAD, GONE
from psfir.range.aws.gate import Gate
from psfir.range.aws.modelled import Handler, Modelled, No

_PLACES = 100.0
_GOLDEN = 0.618034
_POLL = 60


class AppConfigData(Modelled):
    """Sessions lie evenly over all the places that a deployment reaches one after the other."""

    service: ClassVar[str] = "appconfigdata"

    def __init__(self, gate: Gate, behind: AppConfig) -> None:
        super().__init__(gate)
        self._behind = behind
        self.reset()

    def reset(self) -> None:
        self._numbers = count(1)
        self._sessions: dict[str, dict[str, Any]] = {}

    def handlers(self) -> Mapping[str, Handler]:
        return {"StartConfigurationSession": self._start, "GetLatestConfiguration": self._latest}

    def resources(self, operation: str, params: Mapping[str, Any]) -> Iterable[str]:
        about = params if operation == "StartConfigurationSession" else self._sessions.get(params["ConfigurationToken"])
        if about is None:
            return ()
        names = [about[f"{one}Identifier"] for one in ("Application", "Environment", "ConfigurationProfile")]
        return (f"application/{names[0]}/environment/{names[1]}/configuration/{names[2]}",)

    def _start(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {"InitialConfigurationToken": self._token(params, "")}

    def _latest(self, params: Mapping[str, Any]) -> dict[str, Any]:
        session = self._sessions.get(params["ConfigurationToken"])
        if session is None:
            raise No(BAD, "The token is not valid")
        names = [session[f"{one}Identifier"] for one in ("Application", "Environment", "ConfigurationProfile")]
        found = self._behind.served(names[0], names[1], names[2], session["place"])
        if found is None:
            raise No(GONE, "There is no deployed configuration")
        told = {
            "NextPollConfigurationToken": self._token(session, str(found.number)),
            "NextPollIntervalInSeconds": _POLL,
        }
        if session["has"] == str(found.number):
            return {**told, "ContentType": found.kind, "Configuration": b""}
        return {**told, "ContentType": found.kind, "Configuration": found.content}

    def _token(self, about: Mapping[str, Any], has: str) -> str:
        number = next(self._numbers)
        place = about.get("place", number * _GOLDEN % 1 * _PLACES)
        token = f"session-{number}"
        self._sessions[token] = {**about, "place": place, "has": has}
        return token
