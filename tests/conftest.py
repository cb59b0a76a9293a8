"""What every test shares: nothing of the person's or the machine's own settings reaches a test."""

import os
import signal
from collections.abc import Collection
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import settings

from tests.range.whole import brought_up, hand, reference_root, whole

__all__ = ["brought_up", "hand", "reference_root", "whole"]

# Twenty-five examples each keep the whole suite within what people wait for; a test that needs more says so itself.
# No deadline for a single example: a busy machine is slow now and then, and that is no defect of the code.
settings.register_profile("psfir", deadline=None, max_examples=25)
settings.load_profile("psfir")

# A shell starts what runs in the background with ^C switched off, and every process a test starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


TOGETHER = {
    "/architecture/test_wheel.py": "wheel",
    "/content/test_reference_plans.py": "range",
    "/app/test_range_supply": "supply",
    "/cli/test_demo_range": "demo",
    "/app/test_doctor_on_range": "range",
    "/range/faults/": "range",
    "/range/test_assistant": "range",
    "/range/test_estate": "range",
    "/range/test_scenarios": "range",
    "/content/test_reference_on_range": "range",
    "real Unleash": "unleash",
    "/pages/test_browser": "browser",
}
"""One worker runs all tests that have this in their ids: what is made for them costs seconds."""

ON_MOTO = ("/levers/aws/", "/vendors/test_aws.py", "/range/test_aws.py", "[aws.")
MOTOS = 2
"""Each takes seconds to start and to load what is first asked of it, so not every worker gets one of its own."""


UNLEASH_STARTS = 150.0
"""Whichever test comes first on the real Unleash waits for it to start: 8 s, and far more on a busy machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "real Unleash" in item.nodeid:
            item.add_marker(pytest.mark.timeout(UNLEASH_STARTS))


def group_of(nodeid: str) -> str:
    """Tests of one group run in one worker; most are a group of their own."""
    alone = f"moto {crc32(nodeid.encode()) % MOTOS}" if any(word in nodeid for word in ON_MOTO) else nodeid
    return next((group for part, group in TOGETHER.items() if part in nodeid), alone)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:  # noqa: ANN401 - xdist's own
    """The plugin hangs a group on a test's id, and with pytest 9.2 it falls off: so ids are told apart here."""
    # mypy knows no types of it, and it need not be there
    from xdist.scheduler import LoadGroupScheduling  # type: ignore[import-untyped]

    class ByGroup(LoadGroupScheduling):  # type: ignore[misc]  # it has no types
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByGroup(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.fixture(autouse=True)
def _own_settings_stay_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PSFIR_ variable of the person who runs the tests would point them at that person's workspace."""
    for name in [name for name in os.environ if name.startswith("PSFIR_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _own_account_stays_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credential, profile or endpoint of the person's own AWS account may be found, nor that of the machine."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).parents[1]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How large the fault matrix was, whatever else was run; pytest's own last line stays the last."""
    met = {
        word: [dict(report.user_properties) for report in terminalreporter.getreports(word)]
        for word in ("passed", "failed")
    }
    cells = {word: [each for each in found if "stage" in each and "fault" in each] for word, found in met.items()}
    every = [*cells["passed"], *cells["failed"]]
    if every:
        stages, faults = ({each[name] for each in every} for name in ("stage", "fault"))
        size = f"{_of(every, 'case')} of {_of(stages, 'stage')} and {_of(faults, 'fault')}"
        terminalreporter.section("fault matrix")
        terminalreporter.line(f"{size}, each read and pulled through a real socket; {len(cells['failed'])} wrong")


def _of(things: Collection[object], word: str) -> str:
    return f"{len(things)} {word}" + ("s" if len(things) != 1 else "")
