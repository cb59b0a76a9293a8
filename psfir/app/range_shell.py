"""Shells that point at a range: the variables that make one do so, and how it is rid of them once the range is gone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from psfir.app.session import CONNECTIONS

VARIABLES = "PSFIR_RANGE_VARIABLES"
"""All that a shell has of a range, itself too: by this it can be rid of them when nobody is left to be asked."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def exported(variables: Mapping[str, str]) -> dict[str, str]:
    """What a shell is given."""
    return {**variables, VARIABLES: " ".join([*variables, VARIABLES])}


def left(env: Mapping[str, str]) -> list[str]:
    """The variables that this shell has of a range, if of any; whatever is no name is none of them."""
    return [name for name in env.get(VARIABLES, "").split() if _NAME.fullmatch(name) and name in env]


def points_at(folder: Path, env: Mapping[str, str]) -> bool:
    """Whether this shell's connections are those of the range in this folder."""
    overlay = env.get(CONNECTIONS)
    return bool(overlay) and Path(overlay or "").resolve().parent == folder.resolve()
