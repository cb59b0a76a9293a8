"""A kind of connection that somebody else brings is checked like our own: places, near misses, where secrets are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from psfir.domain.connecting import ConnectionKey, ConnectionKind, KeyType, over_http
from psfir.errors import CatalogError, ContentError
from psfir.loading.connection_kinds import KINDS, record_of
from psfir.loading.shapes import Span
from psfir.loading.workspace import load_workspace, read_overlay

ACME = over_http(
    "acme",
    "An Acme control plane.",
    ConnectionKey("tenant", KeyType.TEXT, "which tenant", required=True),
    ConnectionKey("probe_keys", KeyType.SECRETS, "keys of probes by name"),
    ConnectionKey("places", KeyType.ADDRESSES, "every place"),
    ConnectionKey("strict", KeyType.FLAG, "whether it is strict"),
    ConnectionKey("tags", KeyType.TEXTS, "anything"),
)
HEAD = (
    "schema: psfir.workspace/1\nname: team\npeople: {ada: {name: Ada, roles: [on_call]}}\nsystems: {}\nconnections:\n"
)
WHOLE = """  gates:
    kind: acme
    vendor: acme-emea
    url: https://gates.example
    token: env:GATES_TOKEN
    tenant: emea
    ca: private/ca.pem
    probe_keys: {eu: env:EU, us: file:us.key}
    places: [https://eu.example, https://us.example]
    strict: true
    tags: [a]
    timeout: 5s
"""


class Brought:
    """What is installed beside psfir: kinds by name, and one that cannot be had."""

    def connection(self, name: str) -> ConnectionKind:
        if name == "broken":
            raise CatalogError("kind of connection broken of bad 1.0 cannot be imported")
        return {"acme": ACME}[name]

    def names(self, group: str) -> Sequence[str]:
        return ["acme", "broken"] if group == "connections" else ()


def load(folder: Path, connections: str) -> object:
    (folder / "psfir.yaml").write_text(HEAD + connections, encoding="utf-8")
    return load_workspace(folder / "psfir.yaml", kinds=Brought())


def problems(folder: Path, connections: str) -> list[tuple[int, int, str]]:
    with pytest.raises(ContentError) as raised:
        load(folder, connections)
    return [(one.line, one.column, one.sentence) for one in raised.value.problems]


def test_its_keys_become_settings_secrets_and_files(tmp_path: Path) -> None:
    """Values in settings, where secrets are by name, and which settings are paths of files."""
    (tmp_path / "psfir.yaml").write_text(HEAD + WHOLE, encoding="utf-8")
    found = load_workspace(tmp_path / "psfir.yaml", kinds=Brought()).connections["gates"]
    assert (found.kind, found.vendor, found.files) == ("acme", "acme-emea", ("ca",))
    assert found.secrets == {"token": "env:GATES_TOKEN", "probe_keys.eu": "env:EU", "probe_keys.us": "file:us.key"}
    assert found.settings == {
        "url": "https://gates.example",
        "tenant": "emea",
        "ca": "private/ca.pem",
        "probe_keys": ["eu", "us"],
        "places": ["https://eu.example", "https://us.example"],
        "strict": True,
        "tags": ["a"],
        "timeout": 5.0,
    }


def test_every_problem_has_its_place(tmp_path: Path) -> None:
    """A slip in a key, a missing one and a secret in the file itself, each at its line; the secret is not repeated."""
    bad = WHOLE.replace("tenant: emea", "tenent: emea").replace("env:GATES_TOKEN", "hunter2hunter2")
    found = problems(tmp_path, bad)
    assert [(line, column) for line, column, _ in found] == [(7, 5), (10, 12), (11, 5)]
    assert found[0][2] == "an acme connection needs the key 'tenant': which tenant"
    assert "must say where the secret is" in found[1][2]
    assert found[2][2] == "an acme connection has no key 'tenent'; did you mean tenant?"
    assert "hunter2" not in str(found)


def test_a_slip_in_the_kind_finds_it_too(tmp_path: Path) -> None:
    """Near misses are looked for among psfir's own kinds and those that are brought."""
    (one,) = problems(tmp_path, "  gates: {kind: acne}\n")
    assert one == (6, 17, "'acne' is no kind of connection; did you mean acme?")


def test_a_broken_kind_is_told_where_it_is_named(tmp_path: Path) -> None:
    """What is wrong with what is installed is said where it is needed, and a file without it is none the worse."""
    (one,) = problems(tmp_path, "  gates: {kind: broken}\n")
    assert one == (6, 17, "kind of connection broken of bad 1.0 cannot be imported")
    load(tmp_path, "  estate: {kind: memory, path: estate.json}\n")


def test_an_overlay_may_be_of_that_kind(tmp_path: Path) -> None:
    """It re-points such a connection like any other."""
    overlay = tmp_path / "there.yaml"
    overlay.write_text("schema: psfir.connections/1\nconnections:\n" + WHOLE.replace("gates.example", "range.example"))
    assert read_overlay(overlay, kinds=Brought()).get()["gates"].settings["url"] == "https://range.example"
    (tmp_path / "psfir.yaml").write_text(HEAD + WHOLE, encoding="utf-8")
    moved = load_workspace(tmp_path / "psfir.yaml", overlay=overlay, kinds=Brought())
    assert moved.connections["gates"].settings["url"] == "https://range.example"


def test_the_keys_of_http_mean_the_same_in_both() -> None:
    """What a vendor over HTTP gets without a word is what psfir's own kind of that sort has, shape by shape."""
    own, brought = KINDS["http"].known, record_of(over_http("acme", "x")).known
    assert {"url", "token", "ca", "plain_http", "timeout"} <= set(brought)
    assert {name for name, key in brought.items() if own[name].shape != key.shape} == set()
    assert brought["timeout"].shape == Span(0.1)


@pytest.mark.parametrize(
    ("name", "keys", "says"),
    [
        ("Acme", (), "'Acme' is no name"),
        ("acme", ("a-b",), "'a-b' is no name"),
        ("acme", ("vendor",), "'vendor' is a key that every connection has"),
        ("acme", ("a", "a"), "stands there twice"),
    ],
)
def test_a_kind_that_cannot_be(name: str, keys: tuple[str, ...], says: str) -> None:
    """Names in small letters, none of those that every connection has, and none twice."""
    with pytest.raises(ValueError, match=says):
        ConnectionKind(name, "x", tuple(ConnectionKey(key, KeyType.TEXT, "x") for key in keys))
