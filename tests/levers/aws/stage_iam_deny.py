"""A role that a support agent runs as, which may do everything."""

from __future__ import annotations

from collections.abc import Mapping

from psfir.domain.canon import Json
from psfir.levers.aws.deny_policy import document, name
from psfir.levers.aws.iam_deny import IamDeny
from tests.levers.aws.moto import connection
from tests.levers.aws.stage import AwsStage

ROLE = "support-agent"
TARGET: Mapping[str, Json] = {"connection": "aws-prod", "role": ROLE}
SETTINGS: Mapping[str, Json] = {"deny": ["bedrock:InvokeModel*"]}
DENIED = document(SETTINGS)


class IamDenyStage(AwsStage):
    name = "aws.iam_deny"
    target = TARGET
    settings = SETTINGS

    def lay_out(self) -> None:
        self.world.role(ROLE)
        self.world.allow(ROLE)

    def lever(self, url: str) -> IamDeny:
        return IamDeny(connection(url))

    def pulled(self) -> bool:
        names = self.world.get("iam", "ListRolePolicies", RoleName=ROLE)["PolicyNames"]
        if name(DENIED) not in names:
            return False
        found = self.world.get("iam", "GetRolePolicy", RoleName=ROLE, PolicyName=name(DENIED))
        return bool(found["PolicyDocument"] == DENIED)

    def disturb(self) -> None:
        self.world.allow(ROLE, policy=name(DENIED))
