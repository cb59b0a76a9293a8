"""An IAM policy as `psfir permissions` prints it, put on a user of its own, from which any line can be taken away."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psfir.app.rights_iam import policy
from psfir.domain.needs import Need
from psfir.range.aws.account import Account
from psfir.range.aws.moto import ACCOUNT, REGION
from tests.levers.aws.moto import connection, enforced
from tests.levers.aws.stage import AwsStage
from tests.levers.lines import Granted, Line


class PolicyOf:
    """`keys` are the user's."""

    def __init__(self, world: Account, name: str, document: Mapping[str, Any]) -> None:
        self._world, self._name, self._document = world, name, document
        self.lines = tuple(line for line, _ in self._units())
        self.keys = world.user(name, dict(document))

    def without(self, gone: Sequence[Line]) -> None:
        """As printed, but for these lines."""
        left = {**self._document, "Statement": [one for line, one in self._units() if line not in gone]}
        if not left["Statement"]:
            self._world.do("iam", "DeleteUserPolicy", UserName=self._name, PolicyName="its-own")
            return
        text = json.dumps(left)
        self._world.do("iam", "PutUserPolicy", UserName=self._name, PolicyName="its-own", PolicyDocument=text)

    def _units(self) -> Iterator[tuple[Line, dict[str, Any]]]:
        for one in self._document["Statement"]:
            for resource in one["Resource"]:
                for action in one["Action"]:
                    unit = {"Effect": one["Effect"], "Action": action, "Resource": resource}
                    yield Line(action, resource, one.get("Sid", "")), unit


class AwsGranted(Granted):
    """At one stage, with IAM counting."""

    def __init__(self, stage: AwsStage, wanted: Sequence[Need], name: str) -> None:
        said = ((need.permission.action, need.resource, need.permission.only) for need in wanted)
        document = policy(said, {"region": REGION, "account": ACCOUNT}).body
        self._policy = PolicyOf(stage.world, name, document)
        self.lines, self.keys = self._policy.lines, self._policy.keys
        of: Any = type(stage.lever(stage.upstream))
        self.lever = of(connection(stage.upstream, self._policy.keys))

    @contextmanager
    def counting(self) -> Iterator[None]:
        with enforced():
            yield

    def without(self, gone: Sequence[Line]) -> None:
        self._policy.without(gone)
