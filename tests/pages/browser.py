"""A real Chromium that looks at pages, with axe in it. `make real-browser` installs what that needs into .real/.

Where it is missing these tests are left out, but in CI they fail.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

PLACE = Path(__file__).parents[2] / ".real"
LOOKS = 150.0
"""What a start and a dozen looks may take on a busy machine; alone they are 6 s."""


def looked(files: Sequence[Path], home: Path) -> list[dict[str, Any]]:
    """What was found on each page, by day, by night and on a phone; skips, or fails in CI, where it cannot look."""
    stamps = sorted(PLACE.glob("browser-*"))
    program = shutil.which("chromium") or ""
    lacks = [name for name, found in (("axe-core", stamps), ("Chromium", program)) if not found]
    if lacks:
        why = f"{' and '.join(lacks)} not installed: make real-browser"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    node = stamps[-1].read_text(encoding="utf-8").strip()
    words = [node, str(Path(__file__).with_name("look.cjs")), program, *map(str, files)]
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "NODE_PATH": str(PLACE / "browser" / "node_modules")}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, timeout=LOOKS)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found
