"""What of AWS a workspace's runbooks name, in the one account that the range has.

Accounts are not told apart: a role or function of the same name in two of them is one here, and that is said.
Regions are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from psfir.domain.canon import Json, canonical
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.errors import NoSuchTarget, PsfirError, UsageError
from psfir.range.aws.account import Account, connection
from psfir.range.aws.modelled import No
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.signposts import RESPONDER
from psfir.range.supply import aws_edge, aws_fleets, aws_instances, aws_models, aws_roles, aws_serverless
from psfir.range.supply.aws_thing import Place, Thing, last, texts
from psfir.range.supply.exports import Exports, kept
from psfir.range.supply.ground import Ground
from psfir.range.supply.uses import Use, of_rung
from psfir.vendors.aws import AwsClient

_IAM, _SIMULATED = "aws.iam_deny", "aws.policy_simulation"
_KEYS = ("access_key_id", "secret_access_key")
_ROLE = Thing(
    "role",
    lambda use: last(use.text("role")),
    lambda place, use: place.has("iam", "GetRole", RoleName=use.text("role")),
    aws_roles.made,
    lambda _place, _use: False,  # told by the policies that count, which come late, not by those that are read
)
_LEVERS: Mapping[str, Thing] = {
    **aws_serverless.THINGS,
    **aws_fleets.THINGS,
    **aws_edge.THINGS,
    **aws_instances.THINGS,
    **aws_models.THINGS,
    _IAM: _ROLE,
}
_THINGS = {**_LEVERS, _SIMULATED: _ROLE}
_SILENT = frozenset({"cloudwatch", "aws.cloudwatch_logs"})
"""What looks where nobody on the range writes anything."""


class AwsSupplier:
    """Without moto nothing of it can be made or pulled, which is said once."""

    levers: ClassVar[frozenset[str]] = frozenset(_LEVERS)

    def __init__(self, connections: Sequence[Connection], uses: Sequence[Use]) -> None:
        self._connections = connections
        self._uses = [use for use in uses if use.name in _THINGS]
        self._silent = [use for use in uses if use.name in _SILENT]
        self._ground: Ground | None = None
        self._accounts: dict[str, Account] = {}
        self._known: dict[bytes, tuple[int, bool]] = {}

    def has(self, ground: Ground, rung: Rung) -> bool:
        use = of_rung(rung)
        return ground.cloud.moto is not None and _there(self._place(ground, use), use)

    def lay_out(self, ground: Ground) -> Iterator[str]:
        self._ground = ground
        self._known.clear()
        if self._uses and ground.cloud.moto is None:
            yield "there is no AWS on this range, so nothing of it can be pulled: pip install 'psfir[range]' brings it"
            return
        for uses in self._same(ground):
            thing, place = _THINGS[uses[0].name], self._place(ground, uses[0])
            try:
                if not _there(place, uses[0]):
                    thing.make(place, uses)
            except PsfirError as error:
                yield f"{uses[0].where}: its {thing.word} cannot be made: {error.what}"
        yield from self._mixed()
        for use in self._silent:
            yield f"{use.where}: nothing is logged or measured in CloudWatch on the range, so {use.name} finds nothing"

    def pulled(self, rung: Rung) -> bool:
        """Asked for many times a second, and another answer only after somebody has written."""
        use, ground = of_rung(rung), self._ground
        if ground is None or ground.cloud.moto is None:
            return False
        if use.name == _IAM:
            return self._denied(ground, use)
        if use.name in aws_models.THINGS:  # a deployment gets on, and is rolled back, by itself
            return self._is_pulled(ground, use)
        writes, key = ground.cloud.aws.writes, canonical([use.name, dict(use.target), dict(use.set)])
        known = self._known.get(key)
        if known is None or known[0] != writes:
            known = self._known[key] = writes, self._is_pulled(ground, use)
        return known[1]

    def parts(self) -> Mapping[str, Sequence[str]]:
        return {one.name: ["aws"] for one in self._connections}

    def connections(self, ground: Ground, exports: Exports) -> Iterator[tuple[str, dict[str, Json]]]:
        """Each as the range's responder: the root's keys, and a role that may do everything."""
        for one in self._connections:
            refs: dict[str, Json] = {name: exports.ref(one, name, ground.cloud.keys[name]) for name in _KEYS}
            yield (
                one.name,
                {
                    **kept(one, "region"),
                    "account": ACCOUNT,
                    "endpoint_url": ground.url("aws"),
                    "assume_role": f"arn:aws:iam::{ACCOUNT}:role/{RESPONDER}",
                    **refs,
                },
            )

    def _same(self, ground: Ground) -> list[list[Use]]:
        """The rungs on each thing."""
        found: dict[tuple[str, str, str], list[Use]] = defaultdict(list)
        for use in self._uses:
            found[use.name, self._place(ground, use).region, _THINGS[use.name].called(use)].append(use)
        return list(found.values())

    def _is_pulled(self, ground: Ground, use: Use) -> bool:
        try:
            return _THINGS[use.name].pulled(self._place(ground, use), use)
        except (NoSuchTarget, UsageError, No):
            return False  # it could not be made, or somebody took it away while the range was up

    def _place(self, ground: Ground, use: Use) -> Place:
        """The region of the use's connection."""
        moto = ground.cloud.moto
        named = (one.settings.get("region") for one in self._connections if one.name == use.connection)
        region = str(next(named, None) or REGION)
        if moto is None or region == REGION:
            return Place(ground.cloud.aws, ground.cloud.aws.account, region, moto.name if moto else _unnamed)
        if region not in self._accounts:
            aws = connection(moto.url, ground.cloud.keys, region=region)
            self._accounts[region] = Account(AwsClient(aws))
        return Place(ground.cloud.aws, self._accounts[region], region, moto.name)

    def _denied(self, ground: Ground, use: Use) -> bool:
        """Each action on each resource; for a pattern, one that it fits and nobody else would name."""
        role = f"arn:aws:iam::{ACCOUNT}:role/{use.text('role')}"
        may = ground.cloud.aws.authority.may
        actions, resources = texts(use.set.get("deny")), texts(use.set.get("resources")) or ["*"]
        return bool(actions) and not any(
            may(role, _fitting(action), _fitting(resource)) for action in actions for resource in resources
        )

    def _mixed(self) -> Iterator[str]:
        accounts: dict[tuple[str, str], set[str]] = defaultdict(set)
        told = {one.name: str(one.settings.get("account", "")) for one in self._connections}
        for use in self._uses:
            accounts[use.name, _THINGS[use.name].called(use)].add(told.get(use.connection, ""))
        for (lever, name), known in accounts.items():
            if len(known) > 1:
                yield f"the {_THINGS[lever].word} {name} is named in {len(known)} accounts, and is one on the range"


def _there(place: Place, use: Use) -> bool:
    try:
        return _THINGS[use.name].there(place, use)
    except (NoSuchTarget, UsageError):
        return False  # what nothing can be called is nowhere either


def _unnamed(_name: str) -> None:
    """Nothing is made where there is no moto."""


def _fitting(pattern: str) -> str:
    return pattern.replace("*", "Anything").replace("?", "x")
