"""Which kinds of files there are: those of the loading room, and those that each wing brings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from psfir.comms.files import RULES as COMMS_RULES
from psfir.comms.files import SHAPES as COMMS_SHAPES
from psfir.comms.files import read as read_comms
from psfir.domain.catalog import Catalog
from psfir.loading.files import Loaded
from psfir.loading.jsonschema import SHAPES, Shapes
from psfir.loading.lint import LOADERS, Loader, Rule
from psfir.loading.workspace import with_kinds
from psfir.rehearsal.files import SHAPES as REHEARSAL_SHAPES
from psfir.review.files import SHAPES as REVIEW_SHAPES
from psfir.review.files import read as read_review
from psfir.review.files import rules as review_rules


def shapes(catalog: Catalog) -> Shapes:
    """By kind, for the published schemas, which know the kinds of connections that are installed."""
    own = {kind: (with_kinds(shape, catalog), title) for kind, (shape, title) in SHAPES.items()}
    return {**own, **COMMS_SHAPES, **REVIEW_SHAPES, **REHEARSAL_SHAPES}


def loaders() -> dict[str, Loader]:
    """By kind, for lint."""
    comms = {kind: _comms(kind) for kind in COMMS_SHAPES}
    review = {kind: _review(kind) for kind in REVIEW_SHAPES}
    return {**LOADERS, "faults": _faults, "drill": _drill, **comms, **review}


def rules(root: Path) -> tuple[Rule, ...]:
    """What holds between files of a wing."""
    return (*COMMS_RULES, *review_rules(root), partial(_drills, root))


def _comms(kind: str) -> Loader:
    return lambda path, _catalog, shown: read_comms(kind, path, shown=shown)


def _review(kind: str) -> Loader:
    return lambda path, _catalog, shown: read_review(kind, path, shown=shown)


def _drills(root: Path, read: Mapping[str, Loaded]) -> None:
    from psfir.app.drill_lint import rule  # noqa: PLC0415 - as below

    rule(root)(read)


def _drill(path: Path, _catalog: Catalog, shown: str) -> Loaded:
    from psfir.app.drill_lint import read  # noqa: PLC0415 - its faults bring all stand-ins of the range

    return read(path, shown=shown)


def _faults(path: Path, _catalog: Catalog, shown: str) -> Loaded:
    from psfir.app.range_script import checked  # noqa: PLC0415 - all stand-ins of the range come with their faults

    return checked(path, shown=shown)
