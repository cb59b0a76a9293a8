"""Which kinds of files there are: those of the loading room, and those that each wing brings."""

from __future__ import annotations

from pathlib import Path

from psfir.comms.files import RULES as COMMS_RULES
from psfir.comms.files import SHAPES as COMMS_SHAPES
from psfir.comms.files import read as read_comms
from psfir.domain.catalog import Catalog
from psfir.loading.files import Loaded
from psfir.loading.jsonschema import SHAPES, Shapes
from psfir.loading.lint import LOADERS, Loader, Rule
from psfir.loading.workspace import with_kinds
from psfir.review.files import SHAPES as REVIEW_SHAPES
from psfir.review.files import read as read_review
from psfir.review.files import rules as review_rules


def shapes(catalog: Catalog) -> Shapes:
    """By kind, for the published schemas, which know the kinds of connections that are installed."""
    own = {kind: (with_kinds(shape, catalog), title) for kind, (shape, title) in SHAPES.items()}
    return {**own, **COMMS_SHAPES, **REVIEW_SHAPES}


def loaders() -> dict[str, Loader]:
    """By kind, for lint."""
    comms = {kind: _comms(kind) for kind in COMMS_SHAPES}
    return {**LOADERS, "faults": _faults, **comms, **{kind: _review(kind) for kind in REVIEW_SHAPES}}


def rules(root: Path) -> tuple[Rule, ...]:
    """What holds between files of a wing."""
    return (*COMMS_RULES, *review_rules(root))


def _comms(kind: str) -> Loader:
    return lambda path, _catalog, shown: read_comms(kind, path, shown=shown)


def _review(kind: str) -> Loader:
    return lambda path, _catalog, shown: read_review(kind, path, shown=shown)


def _faults(path: Path, _catalog: Catalog, shown: str) -> Loaded:
    from psfir.app.range_script import checked  # noqa: PLC0415 - all stand-ins of the range come with their faults

    return checked(path, shown=shown)
