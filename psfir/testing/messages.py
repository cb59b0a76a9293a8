"""What every messenger is held to.

Subclass `MessengerContract` in a test file, give it a fixture `harness`, run pytest:

class TestPager(MessengerContract):
    @pytest.fixture
    def harness(self): return PagerHarness()
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from psfir.contracts import Messenger
from psfir.domain.approval import Approval
from psfir.domain.canon import Json, canonical
from psfir.domain.message import EXERCISE, Audience, Cleared, Delivery, Destination, Message, Phase, Result
from psfir.domain.people import Actor, Identity
from psfir.errors import NoAnswer, PsfirError
from psfir.testing.clocks import NIGHT
from psfir.testing.contract import GRACE, LOST, SHORT, WITHIN

MESSAGE = Message(
    id="MSG-1",
    incident="INC-2026-11-21-a1b2",
    audience=Audience.CUSTOMERS,
    phase=Phase.HOLDING,
    lang="en",
    channel="under-test",
    subject="Problems with the assistant",
    body="You may have seen wrong answers – we look into it.\n\n.\nWe write again by 04:00 UTC.\n",
    next_update_at=NIGHT + timedelta(minutes=48),
)


def cleared(message: Message = MESSAGE, *, only_to: str = "") -> Cleared:
    """With the yes of one person, or for oneself alone."""
    if only_to:
        return Cleared(message, only_to=only_to)
    return Cleared(message, (_approval(message.digest),))


def _approval(digest: str) -> Approval:
    ada = Actor("ada", Identity.VERIFIED)
    return Approval(digest, "message", ada, datetime(2026, 11, 21, tzinfo=UTC), datetime(2027, 11, 21, tzinfo=UTC))


class MessengerHarness(ABC):
    """One messenger and the other side that it tells. Everything is made anew for each test.

    `target` is where a copy goes; `person` is the address of one person, where it can write to one alone.
    """

    target: Mapping[str, Json]
    person: str = ""

    @abstractmethod
    def messenger(self) -> Messenger:
        """A new one on the same other side: what another process would make."""

    @abstractmethod
    def copies(self) -> Sequence[str]:
        """The text of each copy that is out, subject and body, in the order in which they came."""

    @abstractmethod
    def lose_answer(self) -> None:
        """From now on the other side takes what it is sent, and its answer never arrives. Looking goes well."""

    @abstractmethod
    def hang(self) -> None:
        """From now on the other side takes calls, looking too, and neither does anything nor answers."""

    def to(self, key: str = "copy-1", **more: Any) -> Destination:
        return Destination(self.target, key, **more)


class MessengerContract:
    """Each test states one promise of the socket `Messenger`."""

    def test_about_says_all_there_is_to_say(self, harness: MessengerHarness) -> None:
        """Lint, help and documents are made from `about`; its example is a channel of psfir.yaml."""
        about = harness.messenger().about
        empty = [name for name in ("name", "line", "connects", "example") if not getattr(about, name)]
        assert not empty, f"about leaves out {', '.join(empty)}"
        vague = [field.name for field in (*about.settings, *about.target) if not field.line]
        assert not vague, f"these fields have no line: {', '.join(vague)}"
        block = about.example.get("set", {})
        assert isinstance(block, Mapping)
        assert not set(block) - {field.name for field in about.settings}, "the example sets what is no setting"
        assert {field.name for field in about.settings if field.required} <= set(block), "the example lacks a setting"

    def test_it_is_sent_once(self, harness: MessengerHarness) -> None:
        """One call, one copy on the other side, whole; and its delivery says how to speak of it again."""
        delivery = _sent(harness)
        (copy,) = harness.copies()
        assert _flat(MESSAGE.body) in _flat(copy), f"what arrived is not what was sent: {copy!r}"
        assert MESSAGE.subject in copy
        assert delivery.receipt, "a delivery has a receipt"
        assert delivery.thread, "a delivery says what a later message goes on with"
        assert delivery.says, "a delivery says in words what became of it"
        canonical({"receipt": delivery.receipt, "thread": delivery.thread, "url": delivery.url})

    def test_a_later_message_goes_on_where_the_first_left_off(self, harness: MessengerHarness) -> None:
        """With the thread that the first left behind another text is another copy."""
        first = _sent(harness)
        later = replace(MESSAGE, id="MSG-2", phase=Phase.CONTAINED, body="It is switched off.\n")
        second = harness.messenger().send(cleared(later), harness.to("copy-2", thread=first.thread), within=WITHIN)
        assert second.result is Result.SENT, f"the second message: {second}"
        assert second.thread == first.thread, "the thread goes on under the same name"
        assert [_flat("It is switched off.") in _flat(copy) for copy in harness.copies()] == [False, True]

    def test_it_is_found_by_those_that_can_look(self, harness: MessengerHarness) -> None:
        """Nothing before it was sent, its delivery afterwards; and nothing of another copy or another text."""
        messenger = harness.messenger()
        if not messenger.about.finds:
            said = _said(lambda: messenger.find(cleared(), harness.to(), within=WITHIN))
            assert isinstance(said, NoAnswer), f"it does not say that it cannot tell: {said}"
            return
        assert messenger.find(cleared(), harness.to(), within=WITHIN) is None
        sent = _sent(harness)
        found = harness.messenger().find(cleared(), harness.to(), within=WITHIN)
        assert found is not None, "what was sent is not found"
        assert found.result is Result.ALREADY_THERE
        assert found.thread == sent.thread
        assert harness.messenger().find(cleared(), harness.to("copy-2"), within=WITHIN) is None
        other = cleared(replace(MESSAGE, body="Another text.\n"))
        assert harness.messenger().find(other, harness.to(), within=WITHIN) is None
        assert len(harness.copies()) == 1, "looking sent something"

    def test_an_update_is_found_in_its_thread(self, harness: MessengerHarness) -> None:
        """Also where the first message of the thread would be found."""
        if not harness.messenger().about.finds:
            return
        first = _sent(harness)
        later, to = cleared(replace(MESSAGE, id="MSG-2", body="More.\n")), harness.to("copy-2", thread=first.thread)
        assert harness.messenger().find(later, to, within=WITHIN) is None
        harness.messenger().send(later, to, within=WITHIN)
        found = harness.messenger().find(later, to, within=WITHIN)
        assert found is not None
        assert found.thread == first.thread

    def test_a_lost_answer_is_unknown_and_stays_so_until_somebody_looks(self, harness: MessengerHarness) -> None:
        """It went out once; nothing calls it sent but a look, and nothing sends it a second time."""
        harness.lose_answer()
        delivery = _lost(harness)
        assert delivery.result is Result.UNKNOWN, f"a lost answer is {delivery}"
        assert not delivery.again, "what may have gone out is never said to be worth another try"
        assert len(harness.copies()) == 1, "it was sent a second time"
        if harness.messenger().about.finds:
            found = harness.messenger().find(cleared(), harness.to(), within=WITHIN)
            assert found is not None, "it is there, and not found"
            assert found.out
        assert len(harness.copies()) == 1

    def test_no_call_outlasts_its_share(self, harness: MessengerHarness) -> None:
        """When the other side hangs each call is back in time, and none says that it went well or is not there."""
        messenger = harness.messenger()
        harness.hang()
        begun = perf_counter()
        delivery = messenger.send(cleared(), harness.to(), within=SHORT)
        assert perf_counter() - begun < SHORT + GRACE, "sending outlasts its share"
        assert delivery.result in {Result.UNKNOWN, Result.FAILED}, f"{delivery}"
        begun = perf_counter()
        said = _said(lambda: messenger.find(cleared(), harness.to(), within=SHORT))
        assert isinstance(said, NoAnswer), f"of another side that hangs it says {said}"
        assert perf_counter() - begun < SHORT + GRACE, "looking outlasts its share"

    def test_the_text_of_an_exercise_does_not_go_out(self, harness: MessengerHarness) -> None:
        """Wherever its mark stands, also broken over two lines, and where it comes with a recipient's row."""
        marked: tuple[Mapping[str, Any], ...] = (
            {"body": f"{EXERCISE}\nIt is off.\n"},
            {"subject": f"{EXERCISE} it is off"},
            {"subject": "exercise exercise", "body": "exercise\nIt is off.\n"},
            {"body": "[[note]]\n", "inventory": "sha256:0"},
        )
        for changed in marked:
            text = cleared(replace(MESSAGE, **changed))
            delivery = harness.messenger().send(text, harness.to(fills={"note": EXERCISE}), within=WITHIN)
            assert delivery.result is Result.REFUSED, f"{changed}: {delivery}"
            assert "exercise" in delivery.says
        assert not harness.copies()

    def test_nothing_goes_out_that_is_not_cleared(self, harness: MessengerHarness) -> None:
        """A message alone, and what only looks like a cleared one, is a mistake of a program and an error at once."""
        for wrong in (MESSAGE, _Alike(), None):
            said = _said(lambda wrong=wrong: harness.messenger().send(wrong, harness.to(), within=WITHIN))  # type: ignore[misc]  # it is wrong on purpose
            assert isinstance(said, (TypeError, PsfirError)), f"it took {wrong}: {said}"
        assert not harness.copies()

    def test_what_was_changed_after_its_approval_does_not_go_out(self, harness: MessengerHarness) -> None:
        """A message may hold a mapping that its maker still has in hand."""
        provider: dict[str, Json] = {"status": "identified"}
        message = cleared(replace(MESSAGE, provider=provider))
        provider["status"] = "resolved"
        delivery = harness.messenger().send(message, harness.to(), within=WITHIN)
        assert delivery.result is Result.REFUSED, f"{delivery}"
        assert not harness.copies()

    def test_each_recipient_s_slots_are_filled(self, harness: MessengerHarness) -> None:
        """With what is theirs; what fills one opens no other, and a copy with an empty one does not go out."""
        text = replace(MESSAGE, body="Hello [[name]], see [[link]].\n", inventory="sha256:0")
        fills = {"name": "[[link]]", "link": "https://acme.example/a"}
        delivery = harness.messenger().send(cleared(text), harness.to(fills=fills), within=WITHIN)
        assert delivery.result is Result.SENT, f"{delivery}"
        assert "Hello [[link]], see https://acme.example/a." in _flat(harness.copies()[0])
        short = harness.messenger().send(cleared(text), harness.to("copy-2", fills={"name": "Ada"}), within=WITHIN)
        assert short.result is Result.REFUSED
        assert len(harness.copies()) == 1

    def test_a_subject_is_one_plain_line(self, harness: MessengerHarness) -> None:
        """What could begin a header or move a cursor never leaves, whichever slot it came by."""
        text = cleared(replace(MESSAGE, subject="About [[what]]", inventory="sha256:0"))
        for bad in ("\r\nBcc: eve@evil.example", "a\nb", "a\x00b", "a\x1b[2Jb", "a\u2028b", "\ud800"):
            delivery = harness.messenger().send(text, harness.to(fills={"what": bad}), within=WITHIN)
            assert delivery.result is Result.REFUSED, f"{bad!r}: {delivery}"
        assert not harness.copies()

    def test_a_copy_for_oneself_goes_to_oneself_alone(self, harness: MessengerHarness) -> None:
        """It has no approval, so it reaches one person's address; a messenger that cannot do so refuses it."""
        for_me = cleared(only_to=harness.person or "ada")
        elsewhere = harness.messenger().send(for_me, harness.to(), within=WITHIN)
        assert elsewhere.result is Result.REFUSED, f"{elsewhere}"
        assert not harness.copies()
        to = Destination({**harness.target, "address": harness.person or "ada"}, "copy-1")
        mine = harness.messenger().send(for_me, to, within=WITHIN)
        assert mine.result is (Result.SENT if harness.person else Result.REFUSED), f"{mine}"
        assert len(harness.copies()) == (1 if harness.person else 0)


class _Alike:
    """Has all that a cleared message has, but its checks."""

    message = MESSAGE
    approvals = ()
    only_to = ""

    def written(self, fills: Mapping[str, str]) -> object:
        return MESSAGE


def _said(call: Callable[[], object]) -> object:
    """What a call says or raises."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller looks at it
        return error


def _flat(text: str) -> str:
    """Without what a channel may do to the ends of lines."""
    return " ".join(text.split())


def _sent(harness: MessengerHarness) -> Delivery:
    delivery = harness.messenger().send(cleared(), harness.to(), within=WITHIN)
    assert delivery.result is Result.SENT, f"{delivery}"
    return delivery


def _lost(harness: MessengerHarness) -> Delivery:
    """A share that was over before anything had arrived shows how busy the machine is, and nothing else."""
    share = LOST
    while True:
        begun = perf_counter()
        delivery = harness.messenger().send(cleared(), harness.to(), within=share)
        assert perf_counter() - begun < share + GRACE, "sending outlasts its share"
        if harness.copies() or share > WITHIN:
            return delivery
        share *= 2
