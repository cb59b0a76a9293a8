"""`aws.security_group`: puts an instance, or one interface, into a security group that lets nothing through.

Its groups are swapped; no group's rules are revoked. Rules are shared by all that have the group, and come back under
other identifiers, while which groups an interface has is its own, set in one call, and put back exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Held, Look, NothingToDo, Outcome, Reading, Result
from psfir.domain.modes import Mode
from psfir.domain.preflight import Finding
from psfir.errors import Drift, NoAnswer, PsfirError, UsageError
from psfir.levers.aws.ahead import SIMULATES, Ahead, Need, pulling
from psfir.levers.aws.interfaces import Interface, Interfaces, named
from psfir.levers.aws.quarantine_groups import Groups, fits
from psfir.levers.settle import same
from psfir.vendors.aws import AwsClient, Deadline
from psfir.vendors.shared import shared

_WRITE = "ec2:ModifyNetworkInterfaceAttribute"
_SHAPE = "sg-"
_QUARANTINE = "quarantine"
"""In `detail`: the groups that cut off. What is put back is looked at by other eyes."""


class SecurityGroup:
    """The state is the groups of each interface, by the interface's ID."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.security_group",
        line="Quarantines an EC2 instance or one network interface by swapping its security groups.",
        connects=("aws",),
        target=(
            Field("instance", FieldType.TEXT, "an instance's ID: all interfaces that it has", required=False),
            Field("interface", FieldType.TEXT, "one network interface's ID", required=False),
        ),
        one_of=("instance", "interface"),
        example={
            "lever": "aws.security_group",
            "target": {"connection": "aws-prod", "instance": "i-0abc1234def567890"},
            "set": {"groups": ["sg-0f00f00f00f00f00f"]},
            "within": "60s",
        },
        modes=(Mode.ISOLATE, Mode.DISABLE),
        stops=Stops.NEW,
        settings=(
            Field("groups", FieldType.TEXTS, "IDs of the groups it is to have and no other: one that lets nothing by"),
        ),
        permissions=(
            Permission("aws", "ec2:DescribeNetworkInterfaces", "*"),
            Permission("aws", "ec2:DescribeSecurityGroups", "*"),
            Permission("aws", _WRITE, "arn:aws:ec2:*:*:network-interface/*", WRITING),
            Permission("aws", _WRITE, "arn:aws:ec2:*:*:security-group/*", WRITING),
            SIMULATES,
        ),
        blast_radius="All traffic of the instance or interface, in and out, as soon as it is new: security groups "
        "track connections, so those that are established go on until they end or idle out. What must be cut off at "
        "once needs a network ACL or a stop. A load balancer or an autoscaling group that checks its health "
        "may take it out and replace it.",
        undo="Gives each interface the groups back that it had.",
        exact=True,
        vendor="aws",
        propagation=5.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._aws = shared(connection, AwsClient)
        self._interfaces = Interfaces(self._aws)
        self._groups = Groups(self._aws)

    def read(self, target: Target, *, within: float) -> Reading:
        found = self._interfaces.of(target, Deadline(within))
        return Reading(_state(found), None, tuple(note for one in found for note in one.notes))

    def plan(self, target: Target, reading: Reading, mode: Mode, settings: Mapping[str, Json]) -> Change | NothingToDo:
        wanted = _wanted(settings)
        before = dict(reading.state) if isinstance(reading.state, Mapping) else {}
        after: dict[str, Json] = {one: [*wanted] for one in before}
        if same(before, after):
            return NothingToDo(f"{named(target)} is in {', '.join(wanted)} alone already", after)
        why = f"{named(target)} goes from {_word(before)} to {_word(after)} to {mode.value} it"
        return Change(self.about.name, dict(target), before, after, why, detail={_QUARANTINE: [*wanted]})

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, (change.before, change.after), Deadline(within))

    def verify(self, change: Change, *, within: float) -> Look:
        """A group that lets everything through quarantines nothing, whoever is in it. What is put back need not."""
        deadline, target = Deadline(within), change.target
        found = _state(self._interfaces.of(target, deadline))
        if not same(found, change.after):
            return Look(Held.NOT_HELD, f"{named(target)} is in {_word(found)}")
        rules = [rule for one in self._groups.named(_groups_in(found), deadline) for rule in one.rules]
        cuts = change.detail.get(_QUARANTINE)
        away = cuts is None or all(same(groups, cuts) for groups in found.values())
        open_ones = [rule.says for rule in rules if rule.everything and away]
        if open_ones:
            return Look(Held.NOT_HELD, f"{named(target)} is in {_word(found)}, and that {'; '.join(open_ones)}")
        through = f"which {'; '.join(rule.says for rule in rules)}" if rules else "which lets nothing through"
        return Look(Held.HELD, f"{named(target)} is in {_word(found)}, {through}; what is established may go on")

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._move(change.target, (change.after, change.before), Deadline(within))

    def check(self, target: Target, settings: Mapping[str, Json], *, within: float) -> Sequence[Finding]:
        ahead, wanted = Ahead(self._aws, within=within), _wanted(settings)
        credential = ahead.credential()
        there, found = ahead.target(
            lambda left: self._interfaces.of(target, Deadline(left)), f"{named(target)} is there"
        )
        if found is None:
            return [credential, there]
        says = f"{', '.join(wanted)} is there to put it in"
        group, groups = ahead.target(lambda left: self._groups.named(wanted, Deadline(left)), says)
        needs = [Need(one.action, "*") for one in pulling(self.about.permissions, target)[:2]]
        partition = ahead.identity.partition if ahead.identity else "aws"
        needs += [Need(_WRITE, f"arn:{partition}:{one.arn_rest}", WRITING) for one in [*found, *(groups or ())]]
        return [credential, there, group, *fits(groups or (), found), *ahead.permissions(needs)]

    def _move(self, target: Target, way: tuple[Json, Json], deadline: Deadline) -> Outcome:
        """Interface by interface, each looked at right before: EC2 compares nothing, and a pull may break off."""
        expected, wanted = (dict(state) if isinstance(state, Mapping) else {} for state in way)
        found = _state(self._interfaces.of(target, deadline))
        name = named(target)
        if same(found, wanted):
            return Outcome(Result.ALREADY_SO, f"{name} is in {_word(wanted)} already", found)
        strange = [one for one in found if not same(found[one], wanted.get(one, expected.get(one)))]
        if found.keys() != wanted.keys() or any(not same(found[one], expected.get(one)) for one in strange):
            what = f"{name} is in {_word(found)}, not {_word(expected)}: somebody else has changed it"
            raise Drift(what, expected=expected, found=found, where=self._aws.where)
        done: list[str] = []
        for one in strange:
            params = {"NetworkInterfaceId": one, "Groups": wanted[one]}
            try:
                self._aws.write("ec2", "ModifyNetworkInterfaceAttribute", params, within=deadline.left)
            except PsfirError as error:
                if not done:
                    raise
                # Only what was not touched at all may be called failed or refused: these stand, and are put back.
                what = f"{name}: {', '.join(done)} was set, and the rest was not done: {error.what}"
                raise NoAnswer(what, where=self._aws.where, todo=error.todo) from error
            done.append(one)
        return Outcome(Result.CHANGED, f"{name} is in {_word(wanted)} now", wanted)


def _wanted(settings: Mapping[str, Json]) -> list[str]:
    found = settings.get("groups")
    groups = [str(one) for one in found] if isinstance(found, Sequence) and not isinstance(found, str) else []
    if not groups or not all(one.startswith(_SHAPE) for one in groups):
        todo = "say set: {groups: [sg-...]} with the ID of a group that lets nothing through"
        raise UsageError(f"aws.security_group cannot put anything in {found!r}", todo=todo)
    return sorted(set(groups))


def _state(found: Sequence[Interface]) -> dict[str, Any]:
    return {one.id: list(one.groups) for one in found}


def _groups_in(state: Mapping[str, Any]) -> list[str]:
    return sorted({group for groups in state.values() for group in groups})


def _word(state: Mapping[str, Any]) -> str:
    """Which groups, and on which interface if they differ."""
    kinds = {", ".join(groups) for groups in state.values()}
    if len(kinds) == 1:
        return kinds.pop() or "no group"
    return "; ".join(f"{', '.join(groups)} ({one})" for one, groups in sorted(state.items())) or "no group"
