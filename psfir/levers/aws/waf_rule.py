"""`aws.waf_rule`: a rule of a web ACL goes from counting to blocking, or a rule of psfir's own blocks a path.

WAF hands out a lock token with each reading and takes a writing only with the latest: nobody's change is overwritten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import LeverError, UsageError
from psfir.levers.aws.acl_rules import CHOICES, KEPT, OWN, acl, aimed, before, placed, room, state, word
from psfir.levers.aws.ahead import SIMULATES, Ahead, Need, pulling
from psfir.levers.settle import Way, same, settled
from psfir.vendors.aws import AwsClient, Deadline
from psfir.vendors.shared import shared

_ACL = "arn:aws:wafv2:*:*:*/webacl/*/{acl}"
_USED = ("ipset", "regexpatternset", "rulegroup", "managedruleset")
_WHERE = "where a rule of the web ACL uses one, since an ACL is written whole"
_UPDATE = "wafv2:UpdateWebACL"
_GLOBAL = "us-east-1"


class WafRule:
    """The state is what the rule does, as WAF words it; null where there is no such rule."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.waf_rule",
        line="Lets a rule of a WAF web ACL block what it counted, or blocks a path by one of psfir's own.",
        connects=("aws",),
        target=(
            Field("acl", FieldType.TEXT, "the web ACL's ARN"),
            Field("rule", FieldType.TEXT, f"the rule's name; one of psfir's own begins with {OWN}"),
        ),
        example={
            "lever": "aws.waf_rule",
            "target": {
                "connection": "aws-prod",
                "acl": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/edge/11111111-2222-3333-4444-555555555555",
                "rule": "psfir-chat-off",
            },
            "set": {"action": "block", "path": "/chat"},
            "within": "60s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(
            Field(
                "action",
                FieldType.TEXT,
                "what it is to do; default block",
                required=False,
                default="block",
                choices=CHOICES,
            ),
            Field("path", FieldType.TEXT, "how the paths begin that a rule of psfir's own takes", required=False),
        ),
        permissions=(
            Permission("aws", "wafv2:GetWebACL", _ACL),
            Permission("aws", _UPDATE, _ACL, WRITING),
            *(Permission("aws", _UPDATE, f"arn:aws:wafv2:*:*:*/{kind}/*", WRITING, _WHERE) for kind in _USED),
            SIMULATES,
        ),
        blast_radius="Every request that the rule takes, on all that the web ACL stands before. What a rule before it "
        "lets through goes on, and so do requests and WebSockets that are under way. To reach every edge takes up "
        "to minutes.",
        undo="Gives the rule back what it did, or takes psfir's own rule out again. All other rules stay as they are.",
        exact=True,
        vendor="aws",
        propagation=60.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)

    def read(self, target: Target, *, within: float) -> Reading:
        found, _ = self._acl(target, Deadline(within))
        rules, name = found.get("Rules", []), str(target["rule"])
        notes = [f"the rule {one} before it lets through what it matches" for one in before(rules, name)]
        return Reading(state(rules, name), None, tuple(notes))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        name = str(target["rule"])
        found = dict(reading.state) if isinstance(reading.state, Mapping) else {}
        after = aimed(found, name, settings)
        if same(found, after):
            return NothingToDo(f"the rule {name} is {word(after)} already", after)
        why = f"the rule {name} goes from {word(found)} to {word(after)} to {mode.value} it"
        return Change(self.about.name, dict(target), found, after, why)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.before, change.after), Deadline(within))

    def verify(self, change: Change, *, within: float) -> Look:
        found, _ = self._acl(change.target, Deadline(within))
        name = str(change.target["rule"])
        now = state(found.get("Rules", []), name)
        held = Held.HELD if same(now, change.after) else Held.NOT_HELD
        return Look(held, f"the rule {name} is {word(now)}; to reach every edge may take minutes")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, Way(change.after, change.before), Deadline(within))

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        ahead = Ahead(self._aws, within=within)
        credential, where = ahead.credential(), acl(str(target["acl"]))
        says = f"the web ACL {where.name} is there"
        there, seen = ahead.target(lambda left: self._acl(target, Deadline(left)), says)
        far = []
        if where.scope == "CLOUDFRONT" and self._aws.region != _GLOBAL:
            what = f"{where.name} stands before CloudFront, and WAF keeps those in {_GLOBAL} alone"
            far = [Finding(Matter.TARGET, Ready.WOULD_FAIL, what, f"use a connection with region: {_GLOBAL}")]
        if seen is None:
            return [credential, there, *far]
        needs = [
            Need(one.action, str(target["acl"]), one.phases) for one in pulling(self.about.permissions, target)[:2]
        ]
        return [credential, there, *far, *_fits(seen[0], target, settings), *ahead.permissions(needs)]

    def _move(self, target: Target, way: Way, deadline: Deadline) -> Outcome:
        """The whole ACL, as it was just read but for one rule, and only if nobody has written it since."""
        found, token = self._acl(target, deadline)
        rules, name = found.get("Rules", []), str(target["rule"])
        if so := settled(f"the rule {name}", state(rules, name), way, where=self._aws.where):
            return so
        wanted = dict(way.wanted) if isinstance(way.wanted, Mapping) else {}
        kept = {key: found[key] for key in KEPT if found.get(key)}
        params = {**kept, **acl(str(target["acl"])).params, "Rules": placed(rules, name, wanted), "LockToken": token}
        self._aws.write("wafv2", "UpdateWebACL", params, within=deadline.left)
        return Outcome(Result.CHANGED, f"the rule {name} is {word(wanted)} now", wanted)

    def _acl(self, target: Target, deadline: Deadline) -> tuple[dict[str, Any], str]:
        said = self._aws.read("wafv2", "GetWebACL", acl(str(target["acl"])).params, within=deadline.left)
        found, token = said.get("WebACL"), said.get("LockToken")
        if not (found and token):
            todo = "check region and endpoint_url of this connection"
            raise LeverError("wafv2 GetWebACL answered without a web ACL", where=self._aws.where, todo=todo)
        return found, token


def _fits(found: Mapping[str, Any], target: Target, settings: Mapping[str, Json]) -> list[Finding]:
    rules, name = found.get("Rules", []), str(target["rule"])
    made = [
        Finding(Matter.TARGET, Ready.BEWARE, f"the rule {one} before it lets through what it matches")
        for one in before(rules, name)
    ]
    try:
        now = state(rules, name)
        aimed(now, name, settings)
    except UsageError as error:
        return [Finding(Matter.TARGET, Ready.WOULD_FAIL, error.what, error.todo)]
    if now == {"action": None} and room(rules) is None:
        what = f"{name} has no place before the first rule, which has the priority 0"
        made.append(Finding(Matter.TARGET, Ready.WOULD_FAIL, what, "make room before it: give that rule a higher one"))
    if found.get("ManagedByFirewallManager") or found.get("RetrofittedByFirewallManager"):
        made.append(Finding(Matter.UNDONE_BY, Ready.BEWARE, "AWS Firewall Manager keeps it, and may put it back"))
    return made
