"""Template files: `comms_templates/<audience>/<phase>[.<variant>].<lang>.md`, a head of keys and the text behind it.

    ---
    schema: psfir.template/1
    id: public-holding
    audience: public
    phase: holding
    channel: statuspage
    author: psfir
    fields:
      product: {type: line, source: workspace, fact: product, line: "what customers call the feature"}
    ---
    We are looking into problems with {{ product }}.

Where the file lies and what its head says must agree: people look for it by its path, psfir by its head.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from psfir.comms import sandbox
from psfir.comms.known_facts import RECORD, WORKSPACE
from psfir.comms.template import FieldType, Source, Template, TemplateField
from psfir.domain.canon import canonical_text, digest_bytes
from psfir.domain.message import Audience, Phase
from psfir.domain.modes import Mode, PlanCase, Severity
from psfir.loading.content import files_of
from psfir.loading.files import Loaded, schema_key
from psfir.loading.front_matter import Fronted, read_fronted
from psfir.loading.nodes import SCALAR, Node
from psfir.loading.problems import Problems
from psfir.loading.shapes import ID, Flag, Key, ListOf, MapOf, Object, Record, Span, Text, Whole, Words

FOLDER = "comms_templates"
_NAME = Text(r"[a-z][a-z0-9_]*", "a field's name: small letters, digits and _")
LANG = Text(r"[a-z]{2,3}(-[A-Z]{2})?", "a language such as en or pt-BR")
CHANNELS = ("statuspage", "email", "slack", "webhook", "file")
_CHANNEL = Text("|".join(CHANNELS), f"a kind of channel: {', '.join(CHANNELS)}")

FIELD = Record(
    "field",
    (
        Key("type", Words(FieldType), "what may fill it", required=True),
        Key("source", Words(Source), "where its value comes from", required=True),
        Key("line", Text(), "what it is, and what a person who fills it is asked", required=True),
        Key("fact", Text(), "which fact of the record, key of psfir.yaml, or column of the inventory"),
        Key("words", MapOf(Text()), "the text for each failure mode or mode"),
        Key("required", Flag(), "default true"),
        Key("edit", Flag(), "whether a person may say something else; default false"),
        Key("redact", Flag(), "kept out of every view but the message; default false"),
        Key("longest", Whole(1, 5000), "characters; default 500"),
    ),
)

HEAD = Record(
    "template",
    (
        schema_key("template"),
        Key("id", ID, "what to call it; the same in every language", required=True),
        Key("audience", Words(Audience), "who reads it", required=True),
        Key("phase", Words(Phase), "at which point of an incident", required=True),
        Key("channel", _CHANNEL, "what kind of channel it is written for", required=True),
        Key("title", Text(), "the subject or headline; may use fields", required=True),
        Key("author", Text(), "who wrote it: a person of psfir.yaml, or a name", required=True),
        Key("covers", ListOf(Words(PlanCase)), "for which failures; default all"),
        Key("severity", Words(Severity), "the least severity it is for; default sev4"),
        Key("fields", MapOf(FIELD, key=_NAME), "the only names that the text may use"),
        Key("whitelist", ListOf(_NAME), "fields that a person may fill without comms and legal"),
        Key("cadence", Span(60), "when the next message is promised, counted from this one"),
        Key("languages", ListOf(LANG), "in which it must exist; default this one"),
        Key("provider", MapOf(Object()), "what each kind of channel makes of it, such as its status"),
        Key("draft_only", Flag(), "whether it is only ever drafted, and sent by people; default false"),
    ),
)


def read_template(path: Path, *, shown: str = "") -> Loaded:
    """The template, with the tree of its head to point at. Never raises for what stands in the file."""
    file = read_fronted(path, "template", HEAD, shown=shown)
    loaded = file.head
    if loaded.value is None or not file.lines:
        loaded.value = None
        return loaded
    raw = {key: value for key, value in loaded.value.items() if key != "schema"}
    fields = {name: TemplateField(name, **one) for name, one in raw.pop("fields", {}).items()}
    variant, lang = _path(path, raw, loaded)
    _fields(fields, raw.get("whitelist", ()), loaded)
    body = _text(file, raw["title"], fields, loaded.problems)
    found = Template(
        **raw,
        fields=fields,
        body=body,
        variant=variant,
        lang=lang,
        digest=digest_bytes(canonical_text(file.text).encode()),
        file=shown or str(path),
    )
    loaded.value = None if loaded.problems.errors else found
    return loaded


def read_templates(root: Path) -> tuple[list[Template], list[Loaded]]:
    """Every sound template of a workspace, and every file as read, with its problems."""
    files = [read_template(path, shown=str(path.relative_to(root))) for path in files_of(root, FOLDER)]
    twice(files)
    return [one.value for one in files if one.value is not None], files


def twice(files: Iterable[Loaded]) -> None:
    """One id and language are one file."""
    seen: dict[str, str] = {}
    for loaded in files:
        found: Template | None = loaded.value
        if found is None:
            continue
        other = seen.setdefault(found.key, found.file)
        if other != found.file:
            sentence = f"the id {found.id!r} is taken in {found.lang} by {other}; ids are used once in a language"
            loaded.problems.add(loaded.root.at("id"), sentence, rule="duplicate-id")


def _path(path: Path, raw: Mapping[str, Any], loaded: Loaded) -> tuple[str, str]:
    """The variant and the language that the file's name says; where it does not agree with the head, a problem."""
    parts = path.name.removesuffix(".md").split(".")
    variant = parts[1] if len(parts) == 3 else ""  # noqa: PLR2004 - phase, variant, language
    lang = parts[-1] if len(parts) > 1 else ""
    audience, phase = raw["audience"], raw["phase"]
    if len(parts) not in {2, 3} or LANG.check(Node(SCALAR, 1, 1, lang), Problems("")) != lang:
        wanted = f"{audience}/{phase}.en.md"
        sentence = f"is called <phase>[.<variant>].<language>.md in the folder of its audience, such as {wanted}"
        loaded.problems.add(loaded.root, sentence, rule="place")
        return variant, lang or "en"
    if path.parent.name != audience:
        sentence = f"lies in {path.parent.name}/ and says it is for {audience}: people look for it in {audience}/"
        loaded.problems.add(loaded.root.at("audience"), sentence, rule="place")
    if parts[0] != phase:
        sentence = f"is called {parts[0]} and says its phase is {phase}: call it {phase}.{'.'.join(parts[1:])}.md"
        loaded.problems.add(loaded.root.at("phase"), sentence, rule="place")
    return variant, lang


_KEYS = {Source.CASE: {one.value for one in PlanCase}, Source.MODE: {one.value for one in Mode}}
_FACTS = {Source.RECORD: RECORD, Source.WORKSPACE: WORKSPACE}


def _fields(fields: Mapping[str, TemplateField], whitelist: Iterable[str], loaded: Loaded) -> None:
    """Each field's value can come from where it says."""
    problems = loaded.problems
    for name, one in fields.items():
        _field(one, loaded.root.at("fields", name), problems)
    listed = loaded.root.get("whitelist")
    for name, where in zip(whitelist, listed.items if listed else (), strict=False):
        if name not in fields:
            problems.add(where, f"is no field of this template; {problems.near(name, fields)}")


def _field(one: TemplateField, node: Node, problems: Problems) -> None:
    known = _FACTS.get(one.source)
    if known is not None and one.fact not in known:
        problems.add(
            node.at("fact"), f"there is no fact {problems.shown(one.fact)} for it; {problems.near(one.fact, known)}"
        )
    if one.source in _KEYS and set(one.words) != _KEYS[one.source]:
        names = ", ".join(sorted(_KEYS[one.source]))
        problems.add(node.at("words"), f"needs `words` with one text for each of {names}")
    if one.source is Source.PERSON and (one.fact or one.words):
        problems.add(node, "is for a person to fill: it has neither `fact` nor `words`")
    if one.source is Source.ROW and (not one.fact or one.type not in {FieldType.LINE, FieldType.PARAGRAPH}):
        problems.add(node, "is filled by each row of an inventory: a line or a paragraph, with its column as `fact`")


def _text(file: Fronted, title: str, fields: Mapping[str, TemplateField], problems: Problems) -> str:
    """The body, with every problem of it and of the title told at its line."""
    body = "\n".join(line.rstrip() for line in file.lines[file.start :]).strip("\n") + "\n"
    skipped = next((i for i, line in enumerate(file.lines[file.start :]) if line.strip()), 0)
    lists = {name: one.type is FieldType.LIST for name, one in fields.items()}
    if not body.strip():
        problems.add(Node(SCALAR, len(file.lines), 1), "has no text behind its head")
    at = file.head.root.at("title")
    above = sandbox.faults(title, lists)
    for fault in above:
        problems.add(at, f"the title {fault.says}", rule="template")
    found = sandbox.faults(body, lists)
    for fault in found:
        problems.add(Node(SCALAR, file.start + skipped + fault.line, 1), fault.says, rule="template")
    if not above and not found:
        _unused(title + body, fields, file.head)
    return body


def _unused(text: str, fields: Mapping[str, TemplateField], head: Loaded) -> None:
    used = sandbox.names(text)
    for name in fields:
        if name not in used:
            node = head.root.at("fields", name)
            head.problems.add(node, f"the text does not use the field {name!r}", rule="unused", warning=True)
