"""A small shelf of templates, as files, for the tests of this wing."""

from __future__ import annotations

from pathlib import Path

HEAD = """\
---
schema: psfir.template/1
id: public-holding
audience: public
phase: holding
channel: statuspage
title: Problems with {{ product }}
author: cleo
fields:
  product: {type: line, source: workspace, fact: product, line: what customers call it}
  seen:
    type: line
    source: case
    line: what people may have seen
    words: {harmful_output: bad answers, data_leakage: the data of others, model_failure: no answers}
  more: {type: line, source: person, line: what else, required: false, edit: true}
---
"""
BODY = """\
You may have seen {{ seen }} from {{ product }}.
{% if more %}
{{ more }}
{% endif %}
The next word comes soon.
"""
TEXT = HEAD + BODY


def put(root: Path, text: str = TEXT, *, name: str = "public/holding.en.md") -> Path:
    """One template file below comms_templates."""
    path = root / "comms_templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
