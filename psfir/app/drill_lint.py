"""What a scenario may name, gathered from all rooms for its linter, and whose data it must not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from psfir.app.catalog import installed_catalog
from psfir.app.range_script import check_faults
from psfir.comms.finding import About
from psfir.comms.lint_private import private
from psfir.comms.template import Template
from psfir.domain.message import Audience, Phase
from psfir.domain.playbook import Playbook
from psfir.domain.runbook import Runbook
from psfir.domain.system import Workspace
from psfir.errors import ContentError
from psfir.loading.files import Loaded
from psfir.loading.lint import Rule
from psfir.loading.text import read_text
from psfir.rehearsal.drill_file import read_drill
from psfir.rehearsal.lint import check_drills
from psfir.rehearsal.lint_known import Known
from psfir.rehearsal.scenario import Scenario
from psfir.review.catalogue import load_clocks
from psfir.review.clock import Clock

_INVENTED = (".example", "example.com", "example.org", "example.net")


def read(path: Path, *, shown: str = "") -> Loaded:
    """A scenario, its faults checked against those of the range."""
    loaded = read_drill(path, shown=shown)
    scenario: Scenario | None = loaded.value
    check_faults(loaded, [one.settings for one in scenario.faults] if scenario else ())
    return loaded


def rule(root: Path) -> Rule:
    """Every scenario is held to what there is in its workspace."""

    def check(found: Mapping[str, Loaded]) -> None:
        if any(isinstance(loaded.value, Scenario) for loaded in found.values()):
            check_drills(found, _known(root, found))

    return check


def _known(root: Path, found: Mapping[str, Loaded]) -> Known:
    values = [loaded.value for loaded in found.values()]
    words = next((value for value in values if isinstance(value, Workspace)), None)
    own_clocks = [value.id for value in values if isinstance(value, Clock)]
    return Known(
        systems=tuple(words.systems) if words else (),
        runbooks=[value.id for value in values if isinstance(value, Runbook)],
        playbooks=[value.id for value in values if isinstance(value, Playbook)],
        levers=installed_catalog().names("levers"),
        clocks=[*load_clocks(), *own_clocks],
        messages={value.cell for value in values if isinstance(value, Template)},
        file=_beside(root),
        private=personal,
    )


def _beside(root: Path) -> Callable[[str, str], str | None]:
    """The text of a file that a scenario brings along; it cannot lie outside the folder of the scenario."""

    def text(drill: str, name: str) -> str | None:
        folder = (root / drill).resolve().parent
        path = (folder / name).resolve()
        if folder not in path.parents or not path.is_file():
            return None
        try:
            return read_text(path, name)
        except ContentError:
            return ""  # a picture, or too large to look through

    return text


def personal(text: str) -> Iterable[str]:
    """What looks like somebody's data or a secret. Names that are reserved for examples are nobody's."""
    about = About(Audience.INTERNAL, Phase.HOLDING, "en")
    for found in private("", text, about):
        invented = found.text.lower().rstrip(".").endswith(_INVENTED)
        if found.rule in {"secret", "personal-data"} and not invented:
            yield f"{found.text!r} {found.says}: scenarios are invented from end to end"
