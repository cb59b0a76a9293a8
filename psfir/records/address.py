"""Where a shared record is: an address of psfir.yaml with its `${NAME}` filled in, and as it may be shown.

A password never stands in the address itself, and what is shown has none: it names the variable that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import quote, unquote

from psfir.domain.values import frozen
from psfir.errors import UsageError

SCHEMES = ("postgresql", "postgres")
_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PASSWORD = re.compile(r"\w+://[^/@:]*:(?P<user>[^/@]*)@|[?&](?:ssl)?password=(?P<key>[^&]*)")


@frozen
class Address:
    """`url` is what the library is given; `shown` is what anybody may see; `secrets` are passwords, by variable."""

    shown: str
    url: str = field(repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def clean(self, text: str) -> str:
        """A sentence of the library's without a password."""
        for name, value in self.secrets.items():
            for form in (value, quote(value, safe="")):
                text = text.replace(form, f"${{{name}}}")
        return text


def is_address(store: str) -> bool:
    """Whether this names a server rather than a file; what is a variable as a whole always does."""
    return "://" in store or _NAME.fullmatch(store) is not None


def address_of(store: str, env: Mapping[str, str]) -> Address:
    """The address with its variables filled in; UsageError where one is not set or the scheme is not ours."""
    values: dict[str, str] = {}
    whole = _NAME.fullmatch(store)

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        value = env.get(name, "")
        if not value:
            raise UsageError(
                f"store: {name} is not set", todo=f"set {name}: psfir.yaml takes part of the address from it"
            )
        values[name] = value
        return value if whole else quote(value, safe="")

    url = _NAME.sub(fill, store)
    scheme, _, rest = url.partition("://")
    if scheme not in SCHEMES:
        what = "this" if whole else repr(scheme)
        raise UsageError(f"store: {what} is not a kind of record psfir can open", todo="a file, or postgresql://…")
    shown = f"{scheme}://{rest.partition('@')[2] or rest}" if whole else store
    return Address(shown.partition("?")[0], url, _secrets(whole.group(1) if whole else "", url, store, values))


def _secrets(whole: str, url: str, store: str, values: Mapping[str, str]) -> dict[str, str]:
    """What stands where a password does, each with the name of the variable it came from."""
    if whole:
        found = next(_PASSWORD.finditer(url), None)
        return {whole: unquote(found["user"] or found["key"])} if found and (found["user"] or found["key"]) else {}
    named = {name for match in _PASSWORD.finditer(store) for name in _NAME.findall(match.group())}
    return {name: values[name] for name in named}
