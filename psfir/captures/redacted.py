"""What must not be kept as evidence: secrets that were put where anybody who may look reads them.

Nothing here knows a secret. What looks like one is left out, by the name before it or by its form.
"""

from __future__ import annotations

import re

LEFT_OUT = "(left out)"
_WORDS = (
    "api[-_]?key|cookie|session[-_]?id|access[-_]?key|private[-_]?key|token|secret|passw(?:or)?d|credential"
    "|x-amz-signature"
)
NAME = re.compile(_WORDS, re.IGNORECASE)
# Counts of tokens are what logs of a model are full of: numbers stay.
_NAMED = re.compile(
    rf"((?:{_WORDS})[\w-]{{0,24}}[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?)(?!\d{{1,9}}\b)[^\s\"',;&}}]{{4,}}", re.IGNORECASE
)
_FORMS = re.compile(
    r"\b(?:sk-[\w-]{16,256}|A[KS]IA[0-9A-Z]{16}|gh[pousr]_\w{20,256}|xox[abpr]-[\w-]{10,256}"
    r"|eyJ[\w-]{8,4096}\.[\w-]{8,4096}(?:\.[\w-]{0,4096})?|Bearer\s+(?=\S{0,64}\d)[\w.~+/=-]{8,4096}"
    r"|Basic\s+[A-Za-z0-9+/]{6,4096}={0,2}|(?<=://)[^\s/@:]{0,256}:[^\s/@]{1,256}(?=@))"
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,20}PRIVATE KEY-----|\Z)",
    re.DOTALL,
)


def text(said: str) -> str:
    """Lines without what looks like a key, a token or a password."""
    return _NAMED.sub(rf"\1{LEFT_OUT}", _FORMS.sub(LEFT_OUT, said))
