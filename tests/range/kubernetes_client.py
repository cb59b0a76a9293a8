"""How tests of the cluster hold the official client, and what they read off its errors."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from kubernetes.client.exceptions import ApiException

Client: TypeAlias = Any
"""Its types say None almost anywhere, which no test of a server cares for."""


Connect: TypeAlias = Callable[..., Client]
"""Makes a client for a user, and maybe by way of another server."""


def refused(error: pytest.ExceptionInfo[ApiException]) -> tuple[int, str, str]:
    """Code, reason and message of the Status that came back."""
    body = details(error)
    return int(error.value.status or 0), body["reason"], body["message"]


def details(error: pytest.ExceptionInfo[ApiException]) -> dict[str, Any]:
    """The whole Status."""
    found: dict[str, Any] = json.loads(error.value.body or "{}")
    return found
