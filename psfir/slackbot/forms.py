"""Forms: what is asked in them, and what was filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psfir.vendors.slack_heard import Heard


def entry(name: str, label: str, element: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "input", "block_id": name, "label": _plain(label), "element": {"action_id": name, **element}}


def form(callback: str, *, title: str, submit: str, about: str, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`about` comes back with what is filled in."""
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": about,
        "title": _plain(title),
        "submit": _plain(submit),
        "blocks": [dict(one) for one in entries],
    }


def filled(heard: Heard, name: str) -> str:
    """A text, or what was chosen; '' if it was left out."""
    values = ((heard.body or {}).get("view") or {}).get("state", {}).get("values", {})
    found = values.get(name, {}).get(name, {})
    chosen = (found.get("selected_option") or {}).get("value")
    return str(chosen or found.get("value") or "")


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
