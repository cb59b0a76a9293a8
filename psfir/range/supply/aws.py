"""The roles, functions and services that a workspace's runbooks name, in the one account that the range has.

Accounts are not told apart: a role or function of the same name in two of them is one here, and that is said.
Regions are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from psfir.domain.canon import Json
from psfir.domain.runbook import Rung
from psfir.domain.system import Connection
from psfir.errors import NoSuchTarget
from psfir.range.aws.account import Account, connection
from psfir.range.aws.moto import ACCOUNT, REGION
from psfir.range.signposts import RESPONDER
from psfir.range.supply.exports import Exports, kept
from psfir.range.supply.ground import Ground
from psfir.range.supply.uses import Use, of_rung
from psfir.vendors.aws import AwsClient

_IAM, _LAMBDA, _ECS = "aws.iam_deny", "aws.lambda_concurrency", "aws.ecs_service"
_TASKS = 3
_RUNS_AS = "psfir-range-functions"
"""The role of functions that are made: which one is theirs no runbook says."""
_KEYS = ("access_key_id", "secret_access_key")
_SIMULATED = "aws.policy_simulation"
_THINGS = {_IAM: "role", _LAMBDA: "function", _ECS: "service", _SIMULATED: "role"}
_SILENT = frozenset({"cloudwatch", "aws.cloudwatch_logs"})
"""What looks where nobody on the range writes anything."""


class AwsSupplier:
    """Without moto nothing of it can be made or pulled, which is said once."""

    levers: ClassVar[frozenset[str]] = frozenset({_IAM, _LAMBDA, _ECS})

    def __init__(self, connections: Sequence[Connection], uses: Sequence[Use]) -> None:
        self._connections = connections
        self._uses = [use for use in uses if use.name in _THINGS]
        self._silent = [use for use in uses if use.name in _SILENT]
        self._ground: Ground | None = None
        self._accounts: dict[str, Account] = {}

    def has(self, ground: Ground, rung: Rung) -> bool:
        use = of_rung(rung)
        return ground.cloud.moto is not None and self._there(use, self._account(ground, use))

    def lay_out(self, ground: Ground) -> Iterator[str]:
        self._ground = ground
        if self._uses and ground.cloud.moto is None:
            yield "there is no AWS on this range, so nothing of it can be pulled: pip install 'psfir[range]' brings it"
            return
        for use in self._uses:
            account = self._account(ground, use)
            if not self._there(use, account):
                _MAKE[use.name](account, use)
        yield from self._mixed()
        for use in self._silent:
            yield f"{use.where}: nothing is logged or measured in CloudWatch on the range, so {use.name} finds nothing"

    def pulled(self, rung: Rung) -> bool:
        use, ground = of_rung(rung), self._ground
        if ground is None or ground.cloud.moto is None:
            return False
        account = self._account(ground, use)
        if use.name == _IAM:
            return self._denied(ground, use)
        if use.name == _ECS:
            return any(one["desiredCount"] == use.set.get("desired", 0) for one in _service(account, use))
        try:
            said = account.get("lambda", "GetFunctionConcurrency", FunctionName=_last(use, "function"))
        except NoSuchTarget:
            return False  # somebody took it away while the range was up
        return bool(said.get("ReservedConcurrentExecutions") == use.set.get("reserved", 0))

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

    def _account(self, ground: Ground, use: Use) -> Account:
        """For the region of the use's connection."""
        named = (one.settings.get("region") for one in self._connections if one.name == use.connection)
        region = str(next(named, None) or REGION)
        if ground.cloud.moto is None or region == REGION:
            return ground.cloud.aws.account
        if region not in self._accounts:
            aws = connection(ground.cloud.moto.url, ground.cloud.keys, region=region)
            self._accounts[region] = Account(AwsClient(aws))
        return self._accounts[region]

    def _there(self, use: Use, account: Account) -> bool:
        try:
            if use.name in {_IAM, _SIMULATED}:
                account.get("iam", "GetRole", RoleName=use.text("role"))
            elif use.name == _LAMBDA:
                account.get("lambda", "GetFunctionConcurrency", FunctionName=_last(use, "function"))
            else:
                return bool(_service(account, use))
        except NoSuchTarget:
            return False
        return True

    def _denied(self, ground: Ground, use: Use) -> bool:
        """Each action on each resource; for a pattern, one that it fits and nobody else would name."""
        role = f"arn:aws:iam::{ACCOUNT}:role/{use.text('role')}"
        may = ground.cloud.aws.authority.may
        actions, resources = _texts(use.set.get("deny")), _texts(use.set.get("resources")) or ["*"]
        return bool(actions) and not any(
            may(role, _fitting(action), _fitting(resource)) for action in actions for resource in resources
        )

    def _mixed(self) -> Iterator[str]:
        accounts: dict[tuple[str, str], set[str]] = defaultdict(set)
        told = {one.name: str(one.settings.get("account", "")) for one in self._connections}
        for use in self._uses:
            accounts[use.name, _last(use, _THINGS[use.name])].add(told.get(use.connection, ""))
        for (lever, name), known in accounts.items():
            if len(known) > 1:
                yield f"the {_THINGS[lever]} {name} is named in {len(known)} accounts, and is one on the range"


def _role(account: Account, use: Use) -> None:
    _allowed(account, use.text("role"))


def _function(account: Account, use: Use) -> None:
    """With nothing reserved for it, so that any number is a change."""
    account.function(_last(use, "function"), _allowed(account, _RUNS_AS))


def _allowed(account: Account, role: str) -> str:
    """The ARN of a role that may do everything."""
    try:
        return str(account.get("iam", "GetRole", RoleName=role)["Role"]["Arn"])
    except NoSuchTarget:
        arn = account.role(role)
        account.allow(role)
        return arn


def _ecs(account: Account, use: Use) -> None:
    cluster, service = _last(use, "cluster"), _last(use, "service")
    container: Json = {"name": service, "image": "stand-in", "memory": 128}
    account.do("ecs", "CreateCluster", clusterName=cluster)
    account.do("ecs", "RegisterTaskDefinition", family=service, containerDefinitions=[container])
    count = _TASKS + 1 if use.set.get("desired") == _TASKS else _TASKS
    more = {"serviceName": service, "taskDefinition": service, "desiredCount": count}
    account.do("ecs", "CreateService", cluster=cluster, **more)


_MAKE = {_IAM: _role, _LAMBDA: _function, _ECS: _ecs, _SIMULATED: _role}


def _service(account: Account, use: Use) -> list[dict[str, Json]]:
    names = [_last(use, "service")]
    said = account.get("ecs", "DescribeServices", cluster=_last(use, "cluster"), services=names)
    return [one for one in said.get("services", []) if one.get("status") == "ACTIVE"]


def _last(use: Use, key: str) -> str:
    """A name, also of what is named by its ARN."""
    return use.text(key).rpartition("/")[2].rpartition(":")[2]


def _texts(said: Json) -> list[str]:
    return [str(one) for one in said] if isinstance(said, (list, tuple)) else [str(said)] if said else []


def _fitting(pattern: str) -> str:
    return pattern.replace("*", "Anything").replace("?", "x")
