"""`psfir rca`: from a resolved incident to a published analysis, as people type it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from psfir.app import incident_deeds as deeds
from psfir.app import rca
from psfir.app.approve import Yes
from psfir.app.session import Session
from psfir.domain.canon import Json
from psfir.domain.kinds import Kind
from psfir.errors import Refusal
from tests.app.incident_kit import NOW, StandingClock, at_work, lay_out, opened, plan, put_back, ran
from tests.cli.keyboard import Keyboard

PEOPLE = "people:\n  finn: {name: Finn Example, roles: [owner]}\n  gita: {name: Gita Example, roles: [facilitator]}\n"


def workspace(root: Path) -> Path:
    words = lay_out(root) / "psfir.yaml"
    words.write_text(words.read_text().replace("people:\n", PEOPLE, 1).replace("owner: alice", "owner: finn"))
    return root


def happened(session: Session) -> str:
    """An incident from trigger to resolution; its id."""
    incident = opened(session, trigger_at=NOW - timedelta(minutes=3), title="It told of others' orders")
    incident = put_back(session, ran(session, incident, plan()))
    return deeds.resolve(session, incident).id


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Keyboard:
    keyboard = Keyboard(tmp_path, capsys, monkeypatch)
    workspace(keyboard.root)
    happened(keyboard.session())
    keyboard.me("finn")
    return keyboard


def written(text: str) -> str:
    """What people would write: every open place filled, two factors that rest on something."""
    text = re.sub(r"_Write here:[^_\n]*_", "It was looked at [entry 3].", text)
    text = text.replace("- hypothesis: yes", "- hypothesis: no").replace("[entry 0]", "[entry 3]")
    return text.replace("- kind: detection_gap\n- about: detection", "- kind: missing_control\n- about: response")


def test_laid_out_from_the_record(desk: Keyboard) -> None:
    """Times and their measures, levers and their proof, evidence; and no name of anybody."""
    assert "reviews/INC-" in desk.ok("rca", "new", "--facilitator", "gita").out
    (path,) = (desk.root / "reviews").iterdir()
    text = path.read_text()
    assert "| contain | trigger to proven containment | 3 min 00 s |" in text
    assert "| kept (15 min 00 s) |" in text
    assert "not known: when it occurred" in text
    assert "| kill | stop, 1 | memory.switch | changed: done | held |" in text
    assert "business days from resolved" in text
    body = text.partition("\n---\n")[2]
    assert not re.search(r"\balice\b|\bAlice\b", body)
    assert desk.type("rca", "new").code == 3


def test_the_same_record_gives_the_same_words(tmp_path: Path) -> None:
    """Taken away and made again, at another time of day: the same bytes."""
    session = at_work(workspace(tmp_path))
    name = happened(session)
    finn = at_work(tmp_path, "finn")
    path = rca.new(finn, finn.incident(name), owner="", facilitator="gita")
    first = path.read_bytes()
    path.unlink()
    later = at_work(tmp_path, "finn", clock=StandingClock(NOW + timedelta(days=40)))
    assert rca.new(later, later.incident(name), owner="", facilitator="gita").read_bytes() == first


def test_refresh_touches_no_word_of_theirs(desk: Keyboard) -> None:
    """A note that came later is in the timeline; an edited block is theirs."""
    desk.ok("rca", "new")
    (path,) = (desk.root / "reviews").iterdir()
    mine = written(path.read_text()).replace("| promises kept |", "| promises, kept |")
    path.write_text(mine)
    desk.ok("incident", "note", "the vendor answered")
    done = desk.ok("rca", "refresh", "--json").json
    assert "timeline" in done["written"]
    assert done["kept"] == ["metrics"]
    after = path.read_text()
    assert "note: the vendor answered" in after
    assert "| promises, kept |" in after
    desk.ok("rca", "refresh", "--take", "metrics")
    assert "| promises kept |" in path.read_text()
    assert desk.type("rca", "refresh", "--take", "timelin").code == 2


def test_check_says_what_is_missing_with_its_line(desk: Keyboard) -> None:
    """Nobody's words yet, no facilitator, factors that rest on nothing and that nothing answers."""
    desk.ok("rca", "new")
    done = desk.type("rca", "check", "--json")
    assert done.code == 1
    rules = {lack["rule"] for lack in done.json["lacks"]}
    assert {"open", "facilitator", "claim", "uncovered"} <= rules
    (path,) = (desk.root / "reviews").iterdir()
    line = next(lack["line"] for lack in done.json["lacks"] if lack["rule"] == "uncovered")
    assert path.read_text().split("\n")[line - 1].startswith("### F1")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("It was probably the cache.", "guess"),
        ("The engineer should have looked.", "counterfactual"),
        ("It was human error.", "blame"),
        ("Finn Example switched it on.", "name"),
        ("Finn's switch was on.", "name"),
        ("It was seen before [entry 9999].", "claim"),
        ("A file shows it: sha256:00000000.", "claim"),
        ("It hit 40 customers.", "claim"),
    ],
)
def test_weak_words_are_named(desk: Keyboard, line: str, rule: str) -> None:
    """At their line."""
    desk.ok("rca", "new", "--facilitator", "gita")
    (path,) = (desk.root / "reviews").iterdir()
    path.write_text(written(path.read_text()).replace("## Learning\n", f"## Learning\n\n{line}\n"))
    lacks = desk.type("rca", "check", "--json").json["lacks"]
    (lack,) = [one for one in lacks if one["rule"] == rule]
    assert path.read_text().split("\n")[lack["line"] - 1] == line


def test_what_is_weak_stands_below_what_is_missing(desk: Keyboard) -> None:
    """Three columns: the line, which of the two, and the words."""
    desk.ok("rca", "new", "--facilitator", "gita")
    rows = desk.type("rca", "check").out.splitlines()[1:-1]
    found = [re.match(r" *(?:\d+|-) +(missing|weak) +(?=\S)", row) for row in rows]
    assert len({(one[1], one.end()) for one in found if one}) == 2
    assert len({one.end() for one in found if one}) == 1


def test_what_is_not_whole_is_not_published(desk: Keyboard) -> None:
    """Nor what nobody reviewed; its owner's own yes is none."""
    desk.ok("rca", "new", "--facilitator", "gita")
    assert desk.type("rca", "submit").code == 3
    assert desk.type("rca", "publish").code == 3
    done = desk.type("rca", "review")
    assert (done.code, "its owner does not review it" in done.err) == (3, True)


def test_a_responder_does_not_lead_the_review(desk: Keyboard) -> None:
    """Whoever did something in the incident."""
    done = desk.type("rca", "new", "--facilitator", "alice")
    assert (done.code, "alice was a responder" in done.err) == (3, True)


def test_a_yes_is_to_one_text(tmp_path: Path) -> None:
    """An edit makes it void."""
    session = at_work(workspace(tmp_path))
    name = happened(session)
    finn, gita = at_work(tmp_path, "finn"), at_work(tmp_path, "gita")
    path = rca.new(finn, finn.incident(name), owner="", facilitator="gita")
    path.write_text(written(path.read_text()))
    assert len(rca.review(gita, gita.incident(name), Yes()).approvals) == 1
    with pytest.raises(Refusal, match="has said yes to this text already"):
        rca.review(gita, gita.incident(name), Yes())
    path.write_text(path.read_text() + "\nOne more word.\n")
    assert rca.checked(finn, finn.incident(name)).approvals == ()


def test_a_yes_runs_out_and_its_owners_is_none(tmp_path: Path) -> None:
    """Whatever stands in the record: what counts is what counts now."""
    session = at_work(workspace(tmp_path))
    name = happened(session)
    finn, gita = at_work(tmp_path, "finn"), at_work(tmp_path, "gita")
    path = rca.new(finn, finn.incident(name), owner="", facilitator="gita")
    path.write_text(written(path.read_text()))
    rca.review(gita, gita.incident(name), Yes())
    later = at_work(tmp_path, "finn", clock=StandingClock(NOW + timedelta(days=31)))
    assert rca.checked(later, later.incident(name)).approvals == ()
    path.write_text(path.read_text().replace("owner: finn", "owner: gita"))
    again = at_work(tmp_path, "alice")
    assert rca.checked(again, again.incident(name)).approvals == ()


def test_two_factors_of_one_number_are_one(desk: Keyboard) -> None:
    """The second is found, and an analysis with one factor twice has one."""
    desk.ok("rca", "new", "--facilitator", "gita")
    (path,) = (desk.root / "reviews").iterdir()
    path.write_text(written(path.read_text()).replace("### F2:", "### F1:").replace("led to: F2", "led to: F1"))
    says = [one["says"] for one in desk.type("rca", "check", "--json").json["lacks"] if one["error"]]
    assert {"F1 is there twice", "has 1 contributing factors"} <= set(says)


def test_a_review_changes_nothing_of_what_it_reviews(tmp_path: Path) -> None:
    """Neither handing it in nor a yes is part of the story: refreshed in between, the yes still counts."""
    finn, path = reviewed(tmp_path)
    data: dict[str, Json] = {"digest": rca.checked(finn, finn.incident(path.stem)).analysis.digest, "owner": "finn"}
    finn.record(finn.draft(path.stem, Kind.RCA_SUBMITTED, data))
    assert rca.refresh(finn, finn.incident(path.stem)).written == ("graph",)
    before = path.read_bytes()
    rca.review(at_work(tmp_path, "gita"), finn.incident(path.stem), Yes())
    assert rca.refresh(finn, finn.incident(path.stem)).written == ()
    assert path.read_bytes() == before


def test_who_handed_it_in_does_not_review_it(tmp_path: Path) -> None:
    """Nor does a yes count that they gave before."""
    finn, path = reviewed(tmp_path)
    gita = at_work(tmp_path, "gita")
    found = rca.checked(gita, gita.incident(path.stem))
    assert [one.actor.id for one in found.approvals] == ["gita"]
    gita.record(gita.draft(path.stem, Kind.RCA_SUBMITTED, {"digest": found.analysis.digest, "owner": "finn"}))
    assert rca.checked(finn, finn.incident(path.stem)).approvals == ()
    with pytest.raises(Refusal, match="gita handed it in"):
        rca.review(gita, gita.incident(path.stem), Yes())


@pytest.mark.parametrize("title", [r"C:\dir {about} \q", 'says "yes"', "a\tb\x7fc", "\u202ethgir: # --- 😀", "- a: |"])
def test_any_title_can_be_laid_out(tmp_path: Path, title: str) -> None:
    """It is read again as it was said, in one line, without what cannot be printed."""
    session = at_work(workspace(tmp_path))
    name = opened(session, title=title).id
    finn = at_work(tmp_path, "finn")
    rca.new(finn, finn.incident(name), owner="", facilitator="gita")
    read = rca.checked(finn, finn.incident(name)).analysis.title
    assert read == " ".join("".join(sign if sign.isprintable() else " " for sign in title).split())


def test_a_document_of_another_incident_is_refused(desk: Keyboard) -> None:
    """Copied under a wrong name, or edited in its head."""
    desk.ok("rca", "new")
    (path,) = (desk.root / "reviews").iterdir()
    path.write_text(path.read_text().replace(f"incident: {path.stem}", "incident: INC-20200101-aaaaaa", 1))
    done = desk.type("rca", "check")
    assert (done.code, "says that it is about INC-20200101-aaaaaa" in done.err) == (3, True)


def reviewed(root: Path) -> tuple[Session, Path]:
    """A whole analysis with a yes, its factors answered by nobody yet: `check` is not asked here. And its file."""
    name = happened(at_work(workspace(root)))
    finn, gita = at_work(root, "finn"), at_work(root, "gita")
    path = rca.new(finn, finn.incident(name), owner="", facilitator="gita")
    path.write_text(re.sub(r"\n### F\d.*?(?=\n#)", "", written(path.read_text()), flags=re.DOTALL))
    rca.review(gita, gita.incident(name), Yes())
    return finn, path


def test_publishing_writes_the_day_and_voids_no_yes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day is not part of what was reviewed; late by as many days as it was; a second time is refused."""
    finn, path = reviewed(tmp_path)
    monkeypatch.setattr(rca, "_whole", lambda _: None)  # remediation, which each factor asks for, is another feature
    late = at_work(tmp_path, "finn", clock=StandingClock(NOW + timedelta(days=10)))
    before = path.read_text()
    done = rca.publish(late, late.incident(path.stem))
    assert path.read_text() == before.replace("published: null", "published: 2026-12-01")
    assert [one.actor.id for one in done.approvals] == ["gita"]
    published = late.incident(path.stem).published
    assert published is not None
    assert (published.late, published.digest) == (2, done.analysis.digest)
    with pytest.raises(Refusal, match="was published on 2026-12-01"):
        rca.publish(late, late.incident(path.stem))
    assert "published" not in {one.rule for one in rca.checked(finn, finn.incident(path.stem)).lacks}


def test_a_crash_before_the_day_was_written_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record has it already: asked for again, only the day is written, also where the line is gone."""
    finn, path = reviewed(tmp_path)
    monkeypatch.setattr(rca, "_whole", lambda _: None)
    rca.publish(finn, finn.incident(path.stem))
    path.write_text(re.sub(r"^published:.*\n", "", path.read_text(), flags=re.MULTILINE))
    head = finn.journal.heads()
    rca.publish(finn, finn.incident(path.stem))
    assert "\npublished: 2026-11-21\n---\n" in path.read_text()
    assert finn.journal.heads() == head


def test_opened_again_after_its_publication(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old day stops nothing: reviewed anew it is published anew, and the new day stands in the head."""
    finn, path = reviewed(tmp_path)
    monkeypatch.setattr(rca, "_whole", lambda _: None)
    rca.publish(finn, finn.incident(path.stem))
    deeds.resolve(at_work(tmp_path), deeds.reopen(at_work(tmp_path), finn.incident(path.stem)))
    later = at_work(tmp_path, "finn", clock=StandingClock(NOW + timedelta(days=2)))
    (lack,) = [one for one in rca.checked(later, later.incident(path.stem)).lacks if one.rule == "published"]
    assert (lack.error, "was opened again after this was published on 2026-11-21" in lack.says) == (False, True)
    rca.refresh(later, later.incident(path.stem))
    rca.review(at_work(tmp_path, "gita"), later.incident(path.stem), Yes())
    rca.publish(later, later.incident(path.stem))
    assert "\npublished: 2026-11-23\n" in path.read_text()


def test_a_day_that_nobody_published_on_is_missing_its_publication(tmp_path: Path) -> None:
    """Somebody wrote it in; and what was changed after its publication is told."""
    finn, path = reviewed(tmp_path)
    whole = path.read_text()
    path.write_text(whole.replace("published: null", "published: 2026-11-22"))
    (lack,) = [one for one in rca.checked(finn, finn.incident(path.stem)).lacks if one.rule == "published"]
    assert lack.error
    assert "the record knows nothing of it" in lack.says
    data: dict[str, Json] = {"digest": "sha256:" + "0" * 64, "owner": "finn", "late": 0}
    finn.record(finn.draft(path.stem, Kind.RCA_PUBLISHED, data))
    (lack,) = [one for one in rca.checked(finn, finn.incident(path.stem)).lacks if one.rule == "published"]
    assert (lack.error, "was changed since it was published on 2026-11-21" in lack.says) == (False, True)
