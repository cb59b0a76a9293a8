"""What must never stand in a message: secrets, personal data, names of machines and of staff, links that lead away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from psfir.comms.finding import About, Finding, error

_SECRETS: Mapping[str, re.Pattern[str]] = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "an API key": re.compile(r"\b(?:sk|pk|rk)[-_](?:[a-z]+[-_])*[A-Za-z0-9]{16,}"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{20,}"),
    "a Slack token": re.compile(r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
    "a JSON Web Token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a password": re.compile(r"\b(?:password|passwd|passwort|pwd|secret|token)\s*[:=]\s*\S{4,}", re.IGNORECASE),
}
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IP = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b", re.IGNORECASE)
_HOST = re.compile(
    r"\b(?:[a-z0-9-]+\.)+(?:internal|local|svc|cluster|corp|lan|intra|amazonaws\.com|cloudapp\.net)\b(?:\.[\w.]+)?",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"(?<![\w@./-])(?:[a-z0-9-]+\.){2,}[a-z]{2,}\b", re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s)>\"']+", re.IGNORECASE)
_NUMBERS: Mapping[str, re.Pattern[str]] = {
    "a phone number": re.compile(r"(?<![\w.-])\+\d[\d ()/-]{7,}\d(?![\w-])"),
    "an account number": re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    "an id of a user, customer or order": re.compile(
        r"\b(?:user|customer|account|order|session|trace|request|kunden?|bestell)"
        r"[-_ ]?(?:id|no|nr|nummer|number)?[-_ #:]*\d{4,}\b",
        re.IGNORECASE,
    ),
}
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")


def private(title: str, body: str, about: About) -> Iterator[Finding]:
    """Secrets, addresses, machines, numbers that are somebody's, names of staff."""
    for number, line in enumerate((title, *body.split("\n"))):
        yield from _secret(number, line, about)
        yield from _addresses(number, line, about)
        yield from _personal(number, line)
        for name in about.people:
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", line):
                yield error("staff", number, name, "names somebody of the staff", "Say `we`, or the role.")


def machines(title: str, body: str, about: About) -> Iterator[Finding]:
    """Whatever else has dots as a machine's name has: a document has room to say it otherwise, a message may not."""
    allowed = [one.lower() for one in about.allowed]
    for number, line in enumerate((title, *body.split("\n"))):
        for match in _DOTTED.finditer(_HOST.sub("", _LINK.sub("", line))):
            if not any(match[0].lower() in one for one in allowed):
                says = "looks like the name of a machine"
                yield error("host", number, match[0], says, "Say what people call it.")


def _secret(number: int, line: str, about: About) -> Iterator[Finding]:
    for what, pattern in _SECRETS.items():
        if pattern.search(line):
            yield error("secret", number, what, f"looks like {what}", "Take it out, and have it rotated.")
    if about.knows and about.knows(line):
        yield error("secret", number, "a secret", "is a secret of this workspace", "Take it out, and rotate it.")


def _personal(number: int, line: str) -> Iterator[Finding]:
    for what, pattern in _NUMBERS.items():
        for match in pattern.finditer(line):
            yield error("personal-data", number, match[0], f"looks like {what}", "Leave it out: it is somebody's.")
    for match in _CARD.finditer(line):
        if _luhn(match[0]):
            yield error("personal-data", number, "a card number", "looks like a card number", "Leave it out.")


def _addresses(number: int, line: str, about: About) -> Iterator[Finding]:
    for match in _MAIL.finditer(line):
        if match[0].lower().rstrip(".") not in about.allowed:
            says = "is an address that psfir.yaml does not name"
            yield error("personal-data", number, match[0], says, "Use `contact` of psfir.yaml's comms.facts.")
    for match in _LINK.finditer(line):
        link = match[0].rstrip(".,;:!?")
        if not any(link == one or link.startswith(one.rstrip("/") + "/") for one in about.allowed):
            yield error("link", number, link, "leads where psfir.yaml does not", "Use `status_page` of comms.facts.")
    bare = _LINK.sub("", _MAIL.sub("", line))
    for pattern in (_IP, _HOST):
        for match in pattern.finditer(bare):
            yield error("host", number, match[0], "is the name or number of a machine", "Say what people call it.")


def _luhn(text: str) -> bool:
    """Whether its check digit fits, as every card's does."""
    digits = [int(sign) for sign in reversed(text) if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
