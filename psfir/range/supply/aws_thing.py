"""What the things that levers of AWS act on have in common: is it there, how is it made, is it pulled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from psfir.domain.canon import Json
from psfir.domain.values import frozen
from psfir.errors import NoSuchTarget
from psfir.range.aws.account import Account
from psfir.range.aws.server import AwsRange
from psfir.range.supply.uses import Use


@frozen
class Place:
    """The account in one region, behind `aws`. `name` asks for the id that the next thing made of a kind is to have."""

    aws: AwsRange
    account: Account
    region: str
    name: Callable[[str], None]

    def has(self, service: str, operation: str, /, **params: Json) -> bool:
        try:
            self.account.get(service, operation, **params)
        except NoSuchTarget:
            return False
        return True


@frozen
class Thing:
    """One kind of target. `make` is told of every rung on the same one, so that none of them finds itself pulled."""

    word: str
    called: Callable[[Use], str]
    there: Callable[[Place, Use], bool]
    make: Callable[[Place, Sequence[Use]], None]
    pulled: Callable[[Place, Use], bool]


def last(text: str) -> str:
    """A name, also of what is named by its ARN."""
    return text.rpartition("/")[2].rpartition(":")[2]


def texts(said: Json) -> list[str]:
    return [str(one) for one in said] if isinstance(said, (list, tuple)) else [str(said)] if said else []


def wanted(uses: Sequence[Use], key: str, *, default: Json) -> list[Json]:
    """What the rungs set it to."""
    return [use.set.get(key, default) for use in uses]
