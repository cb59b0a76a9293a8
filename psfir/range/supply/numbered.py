"""Several connections to one address are one server on the range: which part of it each of them leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Numbered:
    """`addresses` are those of the connections, by name. Parts are `kind`, `kind/2` and so on."""

    def __init__(self, kind: str, addresses: Mapping[str, str]) -> None:
        places = list(dict.fromkeys(addresses.values()))
        self._numbers = {name: places.index(address) for name, address in addresses.items()}
        self.names = [kind if not number else f"{kind}/{number + 1}" for number in range(len(places))]

    def of(self, connection: str) -> int:
        return self._numbers.get(connection, 0)

    def part(self, connection: str) -> str:
        return self.names[self.of(connection)]

    def parts(self) -> Mapping[str, Sequence[str]]:
        return {name: [self.names[number]] for name, number in self._numbers.items()}
