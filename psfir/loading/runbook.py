"""Runbooks: what psfir runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psfir.domain.catalog import Catalog
from psfir.domain.modes import Mode, PlanCase
from psfir.domain.runbook import ApprovalRule, CaptureUse, OnFailure, ProbeUse, Runbook, Rung, Step
from psfir.loading.fields import check_parts
from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.shapes import ID, Flag, Key, ListOf, Object, Record, Span, Target, Text, Whole, Words

_NAME = Text(r"[a-z0-9_]+(\.[a-z0-9_]+)*", "the name of a lever, probe or capture")
_TARGET = Key("target", Target(), "what exactly, with the `connection` it is reached by", required=True)


def _probe(**given: Any) -> dict[str, Any]:
    return given


def _runbook(**given: Any) -> Runbook:
    given.pop("schema")
    given["verify"] = _named(given.get("verify", ()))
    return Runbook(**given)


def _named(uses: tuple[dict[str, Any], ...]) -> tuple[ProbeUse, ...]:
    """A probe without an id takes its probe's name, numbered where that is taken."""
    taken = {use["id"] for use in uses if "id" in use}
    named = []
    for use in uses:
        name, number = use.get("id", use["probe"]), 1
        while "id" not in use and name in taken:
            number += 1
            name = f"{use['probe']}-{number}"
        taken.add(name)
        named.append(ProbeUse(**{"expect": {}, **use, "id": name}))
    return tuple(named)


RUNG = Record(
    "rung",
    (
        Key("lever", _NAME, "which lever to pull", required=True),
        _TARGET,
        Key("set", Object(), "what it is to become", required=True),
        Key("within", Span(0.1, 86400), "its whole share: reading, pulling, propagation and verifying", required=True),
        Key("retries", Whole(0, 10), "how often to try again what was never sent; each try has a whole share"),
        Key("runner", ID, "the network from inside of which alone it can be pulled, by a worker there"),
    ),
    Rung,
)

STEP = Record(
    "step",
    (
        Key("id", ID, "what to call it", required=True),
        Key("title", Text(), "what it achieves"),
        Key("after", ListOf(ID), "steps that must be through before it starts"),
        Key("ladder", ListOf(RUNG, least=1), "rungs, tried in order until one holds", required=True),
    ),
    Step,
)

PROBE = Record(
    "probe",
    (
        Key("id", ID, "what to call it; default the probe's name"),
        Key("probe", _NAME, "which probe looks", required=True),
        _TARGET,
        Key("expect", Object(), "what it must find"),
        Key("times", Whole(1, 1000), "how often in a row; default 5"),
        Key("every", Span(0.01, 3600), "how long between two looks; default 1s"),
        Key("each", Span(0.1, 3600), "how long one look may take; default 5s"),
        Key("within", Span(0.1, 86400), "its whole share until proven; default 1m"),
        Key("soak", Span(0, 86400), "how long to keep watching afterwards; default 4m"),
    ),
    _probe,
)

CAPTURE = Record(
    "capture",
    (
        Key("source", _NAME, "which capture takes it", required=True),
        _TARGET,
        Key("within", Span(0.1, 300), "how long the kill waits for it; default 5s"),
    ),
    CaptureUse,
)

APPROVAL = Record(
    "approval rule",
    (
        Key("kill", Whole(1, 10), "how many people a kill takes; default 1"),
        Key("restore", Whole(1, 10), "how many people a restore takes; default 2"),
        Key("within", Span(1, 86400), "how long a kill waits for further people; default 2m"),
        Key("expires", Span(60, 7 * 86400), "how long a yes lasts; default 1h"),
        Key("mistake", Span(0, 3600), "how long one person may take back a kill; default not at all"),
        Key("signed", Flag(), "whether only signed approvals count; default false"),
    ),
    ApprovalRule,
)

RUNBOOK = Record(
    "runbook",
    (
        schema_key("runbook"),
        Key("id", ID, "what to call it", required=True),
        Key("title", Text(), "what it does, in a line", required=True),
        Key("system", ID, "which system it contains", required=True),
        Key("mode", Words(Mode), "how", required=True),
        Key("covers", ListOf(Words(PlanCase)), "which cases of the response plan it is for"),
        Key("deadline", Span(1, 86400), "from trigger to verdict; default 15m"),
        Key("deadline_reason", Text(), "why more than 15 minutes are acceptable, where they are asked for"),
        Key("approval", APPROVAL, "how many people it takes"),
        Key("playbook", ID, "what people follow meanwhile"),
        Key("on_failure", Words(OnFailure), "when no rung of a step holds: go_on (default) or stop"),
        Key(
            "alters_evidence", Flag(), "whether it purges, retrains or rebuilds what causes are found in; default false"
        ),
        Key("capture", ListOf(CAPTURE), "evidence to take before and beside the kill"),
        Key("steps", ListOf(STEP, least=1), "what to achieve", required=True),
        Key(
            "verify",
            ListOf(PROBE, least=1, empty="is empty: nothing would prove the effect"),
            "the probes; nothing else proves the effect",
            required=True,
        ),
    ),
    _runbook,
)


def load_runbook(path: Path, catalog: Catalog | None = None) -> Runbook:
    """The runbook; ContentError with all its problems. With a catalog, targets and settings are checked as well."""
    return read_runbook(path, catalog).get()  # type: ignore[no-any-return]  # built as one above


def read_runbook(path: Path, catalog: Catalog | None = None, *, shown: str = "") -> Loaded:
    """The same with the tree to point at."""
    loaded = load(path, "runbook", RUNBOOK, shown=shown)
    if catalog is not None:
        check_parts(loaded.root, catalog, loaded.problems)
    return loaded
