"""`comms_templates/approvals.yaml`: who said yes to which text of which template, when, and until when.

One block of six lines for each yes, sorted by template and person, so that a review shows what changed. It is written
by psfir and read by people; a yes names the digest of the canonical text, so that one for an older text is void.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from psfir.comms.reading import LANG
from psfir.domain.near import near
from psfir.domain.values import frozen
from psfir.errors import Refusal, UsageError
from psfir.loading.files import Loaded, load, schema_key
from psfir.loading.shapes import ID, Day, Key, ListOf, Record, Text

NAME = "approvals.yaml"
LONGEST = timedelta(days=2 * 366)
"""Of one yes: who reads a text again only later than that has forgotten it."""

_DIGEST = Text(r"sha256:[0-9a-f]{64}", "a digest: sha256: and 64 hex digits")
_ROLE = Text(r"[a-z][a-z0-9_]*", "the name of a role")

GIVEN = Record(
    "approval",
    (
        Key("template", ID, "the template's id", required=True),
        Key("language", LANG, "of which text", required=True),
        Key("sha256", _DIGEST, "of the canonical text that was read", required=True),
        Key("by", ID, "who said yes", required=True),
        Key("role", _ROLE, "in which role", required=True),
        Key("on", Day(), "when", required=True),
        Key("until", Day(), "the last day on which it counts", required=True),
        Key("conditions", Text(), "what it was made dependent on"),
    ),
)
LEDGER = Record(
    "ledger of approvals",
    (schema_key("approvals"), Key("approvals", ListOf(GIVEN), "every yes that was given", required=True)),
)


@frozen
class Given:
    """One person's yes to one text of a template."""

    template: str
    language: str
    sha256: str
    by: str
    role: str
    on: date
    until: date
    conditions: str = ""

    @property
    def key(self) -> str:
        return f"{self.template}.{self.language}"


@frozen
class Ledger:
    """Every yes, in the order of the file."""

    given: tuple[Given, ...] = ()

    def of(self, key: str) -> tuple[Given, ...]:
        return tuple(one for one in self.given if one.key == key)

    def with_(self, new: Given) -> Ledger:
        """A later yes of a person to the same template takes the place of the earlier one."""
        rest = [one for one in self.given if (one.key, one.by) != (new.key, new.by)]
        return Ledger(tuple(sorted([*rest, new], key=lambda one: (one.key, one.by))))

    def without(self, key: str, by: str) -> Ledger:
        left = tuple(one for one in self.given if (one.key, one.by) != (key, by))
        if len(left) == len(self.given):
            known = [one.key for one in self.given if one.by == by]
            raise Refusal(f"{by} has approved no {key}", todo=near(key, known) if known else "")
        return Ledger(left)


def read_ledger(path: Path, *, shown: str = "") -> Loaded:
    """The ledger with its problems; a file that is not there is an empty one."""
    loaded = load(path, "approvals", LEDGER, shown=shown)
    if loaded.value is None:
        return loaded
    given = tuple(Given(**one) for one in loaded.value["approvals"])
    _twice(given, loaded)
    loaded.value = Ledger(given)
    return loaded


def load_ledger(root: Path) -> Ledger:
    """ContentError with all problems; empty where there is no file."""
    path = root / "comms_templates" / NAME
    if not path.exists():
        return Ledger()
    found = read_ledger(path, shown=str(path.relative_to(root))).get()
    assert isinstance(found, Ledger)  # noqa: S101 - `get` raises where there is none
    return found


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Only one psfir at a time reads the ledger in order to write it."""
    folder = root / "comms_templates"
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in {errno.EBADF, errno.ENOLCK, errno.ENOTSUP}:  # some network file systems lock none
                raise UsageError(f"{folder} cannot be locked: {error.strerror}") from None
        yield
    finally:
        os.close(lock)


def write_ledger(root: Path, ledger: Ledger) -> None:
    """All of it at once: whoever reads it meanwhile sees the old one or the new one."""
    path = root / "comms_templates" / NAME
    beside = path.with_name(f".{NAME}.{os.getpid()}")
    try:
        beside.write_text(shown(ledger), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def shown(ledger: Ledger) -> str:
    """The file, in the only form that psfir writes."""
    head = (
        "schema: psfir.approvals/1\n# Written by `psfir comms approve`. A yes is for one text: an edit makes it void.\n"
    )
    if not ledger.given:
        return head + "approvals: []\n"
    return head + "approvals:\n" + "".join(_block(one) for one in ledger.given)


def _block(one: Given) -> str:
    values: Mapping[str, object] = {name: value for name, value in vars(one).items() if value != ""}
    lines = [f"{name}: {_plain(value)}" for name, value in values.items()]
    return f"  - {lines[0]}\n" + "".join(f"    {line}\n" for line in lines[1:])


def _plain(value: object) -> str:
    """Text that YAML might take for something else is quoted."""
    text = str(value)
    quoted = isinstance(value, str) and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*|sha256:[0-9a-f]{64}", text)
    return "'" + text.replace("'", "''") + "'" if quoted else text


def _twice(given: Iterable[Given], loaded: Loaded) -> None:
    seen: set[tuple[str, str]] = set()
    for one, node in zip(given, loaded.root.each("approvals"), strict=True):
        if (one.key, one.by) in seen:
            loaded.problems.add(node, f"{one.by} approved {one.key} further up already", rule="duplicate-id")
        seen.add((one.key, one.by))
        if one.until < one.on:
            loaded.problems.add(node.at("until"), "ends before it was given")
        elif one.until - one.on > LONGEST:
            loaded.problems.add(node.at("until"), f"is more than {LONGEST.days} days after it was given")
