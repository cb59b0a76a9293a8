"""No known secret gets through, in whatever form; nothing else is touched."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import thread_time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from psfir.domain.scrub import OWN_WORDS, Scrubber

SECRET = "p@ss/w+rd? \"ü\\n'=&"
MARK = "[secret env:TOKEN]"


def knowing(*secrets: str) -> Scrubber:
    scrubber = Scrubber()
    for number, secret in enumerate(secrets):
        scrubber.learn(secret, f"env:TOKEN{number or ''}")
    return scrubber


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        quote(SECRET, safe="").lower(),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps({"key": SECRET}))[len('"{\\"key\\": \\"') : -len('\\"}"')],
        repr(SECRET)[1:-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ],
)
def test_every_form_is_replaced(form: str) -> None:
    """As it is, percent-encoded, escaped or in base64: the reference stands in its place, the rest stays."""
    assert knowing(SECRET).text(f"GET /x?key={form}; then") == f"GET /x?key={MARK}; then"


@pytest.mark.parametrize("user", ["", "a", "ab", "abc", "someone@example.com"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_basic_authentication_gives_nothing_away(user: str, encode: Callable[[bytes], bytes]) -> None:
    """The secret in the middle of something encoded is found wherever in a group of three it begins."""
    header = encode(f"{user}:{SECRET}:tail".encode()).decode()
    scrubbed = knowing(SECRET).text(f"Authorization: Basic {header}")
    assert MARK in scrubbed
    kept = scrubbed.removeprefix("Authorization: Basic ").split(MARK)
    assert sum(map(len, kept)) < len(header) - len(SECRET)


def test_one_line_of_a_key_is_enough() -> None:
    """A message that quotes a single line of a key of many lines shows nothing; its ordinary lines stay."""
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nBAQEFAASCBKcwggSjAgEAAo\n-----END KEY-----"
    scrubber = knowing(key)
    assert scrubber.text("bad line 2: MIIEvQIBADANBgkqhkiG9w0") == f"bad line 2: {MARK}"
    assert scrubber.text(key) == MARK
    assert scrubber.text("-----BEGIN KEY-----") == "-----BEGIN KEY-----"


TOKEN = "Sk-Live_9fQz0aBc"
LIKE_SHAPES = "\u017fK-İstanbul-ΣΑΣ"


@pytest.mark.parametrize(
    "form",
    [
        TOKEN.upper(),
        TOKEN.lower(),
        TOKEN.swapcase(),
        TOKEN.encode().hex(),
        TOKEN.encode().hex().upper(),
        TOKEN.encode().hex().upper().replace("A", "a"),
    ],
)
def test_other_letters_hide_nothing(form: str) -> None:
    """A server that echoes in capitals or in hexadecimal of either case: in texts, keys and bytes alike."""
    scrubber = knowing(TOKEN)
    assert scrubber.text(f"bad token {form}!") == f"bad token {MARK}!"
    assert scrubber.json({form: [form]}) == {MARK: [MARK]}
    assert scrubber.data(b"\xff" + form.encode()) == b"\xff" + MARK.encode()


@pytest.mark.parametrize("form", [SECRET.upper(), SECRET.encode().hex(), LIKE_SHAPES.upper(), LIKE_SHAPES.lower()])
def test_letters_beyond_ascii_are_found_in_capitals_too(form: str) -> None:
    """Letters that fold to others, or to two, break nothing and show nothing."""
    assert "[secret" in knowing(SECRET, LIKE_SHAPES).text(form)


def test_a_short_secret_keeps_its_letters() -> None:
    """Seven characters in capitals could be a word of a sentence: only the very spelling is replaced."""
    assert knowing("staging").text("STAGING staging") == f"STAGING {MARK}"


def test_a_key_line_in_capitals_is_found() -> None:
    """A message may quote one line of a key, and shout."""
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END KEY-----"
    assert knowing(key).text("BAD LINE MIIEVQIBADANBGKQHKIG9W0") == f"BAD LINE {MARK}"


def test_an_own_word_in_capitals_is_refused() -> None:
    """Since capitals are folded, CONTAINED as a secret would eat every verdict."""
    with pytest.raises(ValueError, match="could not be kept out"):
        Scrubber().learn("CONTAINED", "env:TOKEN")


def test_the_longer_of_two_that_begin_alike_is_meant() -> None:
    """A secret that holds another is replaced whole."""
    scrubber = knowing("hunter2-secret", "hunter2-secret-of-prod")
    assert scrubber.text("x hunter2-secret-of-prod y") == "x [secret env:TOKEN1] y"
    assert scrubber.text("x hunter2-secret y") == f"x {MARK} y"


def test_a_short_secret_is_a_whole_word_and_no_key() -> None:
    """Four letters may be part of an id or be a field's name: there they stay."""
    scrubber = knowing("okay")
    assert scrubber.text("okay, okaydokey, INC-okay") == f"{MARK}, okaydokey, INC-okay"
    assert scrubber.json({"okay": "okay"}) == {"okay": MARK}


def test_a_long_secret_is_found_in_keys() -> None:
    """A header map with the secret as a key keeps its other keys."""
    assert knowing(SECRET).json({SECRET: 1, "a": 2}) == {MARK: 1, "a": 2}


@pytest.mark.parametrize("value", ["", "a", "abc", *sorted(word for word in OWN_WORDS if len(word) >= 4)[:3]])
def test_what_cannot_be_told_from_ordinary_words_is_refused(value: str) -> None:
    """Too short, or a word of psfir's own: the record could not be read any more. The error shows no value."""
    scrubber = Scrubber()
    with pytest.raises(ValueError, match="could not be kept out") as raised:
        scrubber.learn(value, "env:TOKEN")
    assert "env:TOKEN" in str(raised.value)
    assert scrubber.text("changed abc contained") == "changed abc contained"


def test_what_holds_no_secret_is_the_same_object() -> None:
    """Every journal append passes here: without a secret nothing is copied."""
    data = {"a": [1, 2.5, None, True, {"b": "text"}], "c": ("x", "y")}
    assert Scrubber().json(data) is data
    scrubber = knowing(SECRET)
    assert scrubber.json(data) is data
    text = "no secret in here"
    assert scrubber.text(text) is text


def test_only_the_branch_that_changes_is_new() -> None:
    """A deep value keeps its types, its other branches and its input untouched."""
    clean = {"deep": ["x"]}
    bad: list[object] = [f"a {SECRET} b", 7, None, False, 1.5]
    data: dict[str, object] = {"clean": clean, "bad": bad, "pair": (SECRET,)}
    scrubbed = knowing(SECRET).json(data)
    assert scrubbed == {"clean": clean, "bad": [f"a {MARK} b", 7, None, False, 1.5], "pair": [MARK]}
    assert scrubbed["clean"] is clean
    assert bad[0] == f"a {SECRET} b"


def test_bytes_keep_what_is_not_text() -> None:
    """Evidence may be anything: a secret is found among bytes that are no UTF-8, which stay as they are."""
    raw = b"\xff\xfe" + SECRET.encode() + b"\x00\xc3"
    assert knowing(SECRET).data(raw) == b"\xff\xfe" + MARK.encode() + b"\x00\xc3"
    clean = b"\xff\xfe\x00"
    assert knowing(SECRET).data(clean) is clean
    assert Scrubber().data(raw) is raw


def test_learning_the_same_again_changes_nothing() -> None:
    """A secret is looked up for each request: the first reference stays, however often it is learnt."""
    scrubber = knowing(SECRET)
    scrubber.learn(SECRET, "file:other")
    assert scrubber.text(SECRET) == MARK


def test_nothing_is_lost_when_many_learn_at_once() -> None:
    """Threads that learn side by side do not overwrite each other's secrets."""
    scrubber = Scrubber()
    secrets = [f"secret-number-{n:03}-{n * 7919}" for n in range(64)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda secret: scrubber.learn(secret, f"env:{secret[:17].upper()}"), secrets))
    leaked = [secret for secret in secrets if secret in scrubber.text(f"x {secret} y")]
    assert leaked == []


def test_a_secret_learnt_later_is_scrubbed_from_then_on() -> None:
    """Each new secret joins those known already."""
    scrubber = knowing(SECRET)
    assert scrubber.text("another-secret") == "another-secret"
    scrubber.learn("another-secret", "file:x")
    assert scrubber.text(f"another-secret {SECRET}") == f"[secret file:x] {MARK}"


def test_a_megabyte_of_log_takes_no_time() -> None:
    """Patterns are searched, not tried one by one: evidence of a megabyte with thirty secrets known is done at once."""
    scrubber = knowing(*(f"secret-{n}-{'abcdefgh' * 3}" for n in range(30)))
    log = "2026-11-21 INFO request served in 12 ms by replica eu-1\n" * 18000
    begun = thread_time()
    assert scrubber.text(log) is log
    assert thread_time() - begun < 5


@given(st.text(min_size=8), st.text(), st.text())
def test_no_text_ever_shows_it(secret: str, before: str, behind: str) -> None:
    """Whatever stands around it, whatever it is made of, the secret is gone, in JSON and in an escape of JSON too."""
    assume(secret.lower() not in OWN_WORDS)
    scrubber = Scrubber()
    scrubber.learn(secret, "env:T")
    ascii_capitals = "".join(letter.upper() if letter.isascii() else letter for letter in secret)
    hexadecimal = secret.encode("utf-8", "surrogatepass").hex()
    quoted = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    for spelled in (secret, secret.upper(), secret.lower(), ascii_capitals, hexadecimal, *quoted):
        shown = scrubber.text(f"{before}{spelled}{behind}")
        assert "[secret env:T]" in shown
