"""A peer that is somebody else's program, in an environment of its own: what is compared with is no dependency."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

HERE = Path(__file__).parent / ".peers"
CHAOSTOOLKIT = ("chaostoolkit==1.19.0", "chaostoolkit-lib==1.44.0")
PATIENCE = 300.0


class NotHere(Exception):
    """It cannot be had on this machine, and why."""


def installed(*pins: str, program: str) -> Path:
    """The program of these releases, from PyPI on first use."""
    folder = HERE / "-".join(pin.replace("==", "-") for pin in pins)
    found = folder / "bin" / program
    if not found.exists():
        _install(folder, pins)
    if not found.exists():
        raise NotHere(f"{pins[0]} has no {program}")
    return found


def _install(folder: Path, pins: tuple[str, ...]) -> None:
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    try:
        venv.create(folder, with_pip=True, clear=True)
        done = subprocess.run([*pip, *pins], capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise NotHere(f"pip had not installed {pins[0]} after {PATIENCE:.0f} s") from None
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotHere(f"pip could not be started: {error}") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["pip failed without a word"]
        raise NotHere(lines[-1])
