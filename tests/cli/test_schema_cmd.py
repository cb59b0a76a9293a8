"""`psfir schema`: what it prints is a JSON Schema that takes what the loader takes, and refuses what it refuses."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from psfir.loading.files import KINDS
from tests.cli.keyboard import Keyboard
from tests.loading.desk import BOOK, PLAY, WORDS, swapped
from tests.rehearsal.plays import FULL

FRONT = PLAY.split("---\n")[1].replace("2026-01-31", '"2026-01-31"')
GOOD = {
    "runbook": BOOK.replace("id: off", 'id: "off"')
    .replace("title: Off", "title: Off now")
    .replace("{on: false}", '{"on": false}'),
    "workspace": WORDS,
    "playbook": FRONT,
    "connections": "schema: psfir.connections/1\nconnections:\n  gw: {kind: http, url: 'https://a.b', token: env:X}\n",
    "settings": "schema: psfir.settings/1\nme: ada\n",
    "faults": "schema: psfir.faults/1\nfaults: [{at: 5s, fault: launchdarkly.slow, for: 30s, set: {by: 2s}}]\n",
    "template": "schema: psfir.template/1\nid: a\naudience: public\nphase: holding\nchannel: statuspage\ntitle: T\n"
    "author: ada\nfields:\n  x: {type: line, source: person, line: what it is, longest: 80}\n",
    "approvals": "schema: psfir.approvals/1\napprovals:\n- {template: a, language: en, sha256: 'sha256:"
    + "0" * 64
    + "', by: ada, role: legal, 'on': '2026-01-01', until: '2027-01-01'}\n",
    "pack": "schema: psfir.pack/1\nid: a\nrules: [{id: b, level: hint, words: [x], says: s, better: t}]\n",
    "closed_days": "schema: psfir.closed_days/1\nclosed: [{day: '2026-12-24', until: '2026-12-26', why: shutdown}]\n"
    "open: ['2026-11-01']\n",
    "clock": "schema: psfir.clock/1\nid: a\nregime: R\nparagraph: P\ntitle: T\nwho: w\nto: t\nquote: in 72 hours\n"
    "source_url: https://a.b/c\nretrieved_on: '2026-11-21'\nreview_by: '2027-05-21'\ngrade: copy\n"
    "limits: [{start: aware, kind: hours, n: 72}]\n",
    "required": "schema: psfir.required/1\ntemplates: [{audience: public, phase: holding, languages: [en, pt-BR]}]\n",
    "drill": FULL + "clock: {speed: 3/2}\ncuts: {30m: [first, doubt@5m]}\nscoring: {bands: {P: 80, S: 66, M: 50}}\n",
}
BAD = {
    "runbook": [
        ("psfir.runbook/1", "psfir.runbook/2"),
        ("mode: disable", "mode: off"),
        ("title: Off", "titel: Off"),
        ("connection: estate, ", ""),
        ("within: 10s", "within: soon"),
        ('id: "off"', "id: Off It"),
        ("harmful_output", "harm"),
    ],
    "workspace": [
        ("roles: [on_call]", "roles: on_call"),
        ("kind: memory", "kind: memroy"),
        (", owner: ben", ""),
        ("path: estate.json", "pat: estate.json"),
    ],
    "playbook": [("last_tested: null", "last_tested: 5"), ("title: It does harm\n", "")],
    "connections": [("token: env:X", "token: hunter2"), ("kind: http, ", ""), ("https://a.b", "ftp://a.b")],
    "settings": [("me: ada", "you: ada")],
    "template": [("public", "pubic"), ("type: line", "type: word"), ("id: a\n", ""), ("longest: 80", "longest: 0")],
    "approvals": [("language: en", "language: english"), ("'sha256:00", "'md5:00"), ("role: legal, ", "")],
    "pack": [("level: hint", "level: warn"), ("words: [x]", "words: []"), (", better: t", "")],
    "required": [("holding", "held"), ("[en, pt-BR]", "[]")],
    "closed_days": [("why: shutdown", "wy: shutdown"), ("closed: [", "closed: [soon, "), ("open: [", "open: [5, ")],
    "clock": [
        ("kind: hours", "kind: weeks"),
        ("grade: copy", "grade: good"),
        ("https://", "http://"),
        ("who: w\n", ""),
    ],
    "drill": [
        ("comms: sink", "comms: live"),
        ("speed: 3/2", "speed: 1.5"),
        ("due: 5m", "due: soon"),
        ("30m: [", "soon: ["),
        ("body: It goes on.", "boddy: It goes on."),
    ],
    "faults": [("at: 5s", "at: later"), ("fault: ", "falt: "), ("{by: 2s}", "[2s]")],
}


@pytest.fixture
def keyboard(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    return Keyboard(tmp_path, capsys, monkeypatch)


def _schema(keyboard: Keyboard, kind: str) -> dict[str, Any]:
    schema = keyboard.ok("schema", kind).json
    Draft202012Validator.check_schema(schema)
    return schema


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_schema_with_a_word_for_every_key(keyboard: Keyboard, kind: str) -> None:
    """Draft 2020-12, named for its kind; an editor has something to show at each key."""
    schema = _schema(keyboard, kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"psfir.{kind}/1"
    assert schema["title"]
    assert schema["additionalProperties"] is False
    assert [name for name, one in schema["properties"].items() if not one["description"]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_file_is_taken(keyboard: Keyboard, kind: str) -> None:
    """What the loader takes, the schema takes."""
    Draft202012Validator(_schema(keyboard, kind)).validate(yaml.safe_load(GOOD[kind]))


@pytest.mark.parametrize(("kind", "swap"), [(kind, swap) for kind, swaps in BAD.items() for swap in swaps])
def test_a_bad_file_is_refused(keyboard: Keyboard, kind: str, swap: tuple[str, str]) -> None:
    """What the loader refuses of a file by itself, the schema refuses."""
    spoilt = yaml.safe_load(swapped(GOOD[kind], dict([swap])))
    assert not Draft202012Validator(_schema(keyboard, kind)).is_valid(spoilt)


def test_on_one_line(keyboard: Keyboard) -> None:
    """--json is the same on one line."""
    done = keyboard.ok("schema", "runbook", "--json")
    assert done.out.count("\n") == 1
    assert done.json == keyboard.ok("schema", "runbook").json


def test_an_unknown_kind_is_a_usage_error(keyboard: Keyboard) -> None:
    """Exit code 2, and the kinds that there are."""
    done = keyboard.type("schema", "runbok")
    assert (done.code, done.out) == (2, "")
    assert all(kind in done.err for kind in KINDS)
