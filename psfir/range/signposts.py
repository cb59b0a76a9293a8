"""What points others at the range: variables for a shell, an overlay of connections, a kubeconfig, an AWS profile."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.range.assistant import layout
from psfir.range.assistant.names import Names
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.kubernetes.server import Kubernetes
from psfir.range.part import Part
from psfir.range.private import write_private

RESPONDER = "psfir-responder"
TOKEN, SECOND_TOKEN = "api-range-responder", "api-range-second"
_PROFILE = "psfir-range"
_FILES = ("kubeconfig", "connections.yaml", "aws-config", "aws-credentials")


@frozen
class Overlaid:
    """A workspace's own connections: those that lead to the range's own system, and those made for it, with secrets."""

    kept: frozenset[str]
    connections: Mapping[str, Mapping[str, Json]]
    environment: Mapping[str, str] = field(repr=False)


@frozen
class Signposts:
    """`hooks` are the paths of the flag triggers, by system; `keys` those of AWS; `slack` the token of its bot.

    Where there is a workspace's `own`, the overlay re-points what that has and nothing else.
    """

    folder: Path
    parts: Mapping[str, Part]
    names: Sequence[Names]
    hooks: Mapping[str, str]
    keys: Mapping[str, str] = field(repr=False)
    slack: str = field(repr=False)
    own: Overlaid | None = None

    def write(self, cluster: Kubernetes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        cluster.kubeconfig(self._file("kubeconfig"), server=self._url("kubernetes"))
        overlay = {"schema": "psfir.connections/1", "connections": self._overlay()}
        write_private(self._file("connections.yaml"), _yaml(overlay))
        section = f"region = {REGION}\nendpoint_url = {self._url('aws')}\n"
        write_private(self._file("aws-config"), f"[profile {_PROFILE}]\n{section}")
        keys = "".join(f"aws_{name} = {value}\n" for name, value in self.keys.items())
        write_private(self._file("aws-credentials"), f"[{_PROFILE}]\n{keys}")

    def environment(self) -> dict[str, str]:
        flags = self._url("launchdarkly")
        return {
            "PSFIR_CONNECTIONS": str(self._file("connections.yaml")),
            "KUBECONFIG": str(self._file("kubeconfig")),
            "LAUNCHDARKLY_TOKEN": TOKEN,
            "LAUNCHDARKLY_SECOND_TOKEN": SECOND_TOKEN,
            "LAUNCHDARKLY_SDK_KEY": layout.sdk_key(self.names[0]),
            "LAUNCHDARKLY_BASE_URI": flags,
            "LAUNCHDARKLY_STREAM_URI": flags,
            "LAUNCHDARKLY_EVENTS_URI": flags,
            **{_variable(one.trigger): f"{flags}{self.hooks[one.system]}" for one in self.names},
            "AWS_CONFIG_FILE": str(self._file("aws-config")),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._file("aws-credentials")),
            "AWS_PROFILE": _PROFILE,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self._url("aws"),
            "AWS_ACCESS_KEY_ID": self.keys["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": self.keys["secret_access_key"],
            "PROMETHEUS_URL": self._url("metrics"),
            "SLACK_API_URL": f"{self._url('slack')}/api/",
            "SLACK_BOT_TOKEN": self.slack,
            **(self.own.environment if self.own else {}),
        }

    def _overlay(self) -> dict[str, Mapping[str, Json]]:
        """What an overlay re-points has to be there."""
        here: dict[str, Mapping[str, Json]] = dict(self._connections())
        if self.own is None:
            return here
        return {name: one for name, one in here.items() if name in self.own.kept} | dict(self.own.connections)

    def _connections(self) -> Iterator[tuple[str, dict[str, Json]]]:
        flags = self._url("launchdarkly")
        sdk: dict[str, Json] = {"sdk_url": flags, "stream_url": flags, "sdk_key": "env:LAUNCHDARKLY_SDK_KEY"}
        yield "flags", {"kind": "launchdarkly", "url": flags, "token": "env:LAUNCHDARKLY_TOKEN", **sdk}
        yield "prod-eu", {"kind": "kubernetes", "kubeconfig": str(self._file("kubeconfig")), "context": "range"}
        yield (
            "aws-prod",
            {
                "kind": "aws",
                "region": REGION,
                "account": ACCOUNT,
                "endpoint_url": self._url("aws"),
                "assume_role": f"arn:aws:iam::{ACCOUNT}:role/{RESPONDER}",
                **{name: f"env:AWS_{name.upper()}" for name in self.keys},
            },
        )
        yield "metrics", {"kind": "http", "url": self._url("metrics"), "vendor": "own"}
        for one in self.names:
            trigger: dict[str, Json] = {
                "token": "env:LAUNCHDARKLY_SECOND_TOKEN",
                "trigger": f"env:{_variable(one.trigger)}",
            }
            yield one.trigger, {"kind": "launchdarkly", "url": flags, **trigger}
            edges: list[Json] = [
                part.url for name, part in self.parts.items() if name.startswith(f"assistant/{one.number}/")
            ]
            yield one.edges, {"kind": "http", "url": edges[0], "replicas": edges, "vendor": "own"}

    def _url(self, part: str) -> str:
        return self.parts[part].url

    def _file(self, name: str) -> Path:
        return self.folder.resolve() / name  # a link of that name is replaced, not followed


def take_away(folder: Path) -> None:
    """They lead to ports that are somebody else's by now."""
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)


def _variable(trigger: str) -> str:
    """`flags-trigger-2` is LAUNCHDARKLY_TRIGGER_2."""
    return f"LAUNCHDARKLY{trigger.removeprefix('flags').replace('-', '_').upper()}"


def _yaml(overlay: Mapping[str, object]) -> str:
    """JSON is YAML, but the schema has to stand on the first line."""
    return f"schema: {overlay['schema']}\nconnections: {json.dumps(overlay['connections'], indent=1)}\n"
