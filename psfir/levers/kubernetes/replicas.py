"""`kubernetes.replicas`: how many pods a Deployment or StatefulSet has, and whatever would scale it back, held.

At 0 an HPA stands still by itself; above 0 it is pinned to the number, and put back with it. KEDA is paused either way.
On the way back they are let go before the number is put back: from then on it is theirs to change.
The Deployment itself is patched, not its scale subresource, which forgets at 0 who owns the field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from psfir.contracts import Target
from psfir.domain.about import LOOKING, WRITING, Field, FieldType, LeverAbout, Permission, Stops
from psfir.domain.canon import Json
from psfir.domain.change import Change, Look, Outcome, Result
from psfir.domain.modes import Mode
from psfir.domain.values import frozen
from psfir.errors import Drift, NoAnswer, PsfirError, UsageError
from psfir.levers.kubernetes.fields import Fields
from psfir.levers.kubernetes.owners import KNOW_ARGO, Around, autoscaler_body, autoscaler_part, is_autoscaler, is_keda
from psfir.levers.kubernetes.parts import Seen, parts
from psfir.levers.settle import Way, same, word
from psfir.vendors.http import Deadline
from psfir.vendors.kubernetes_objects import DEPLOYMENT, NAMESPACE, STATEFULSET, Workload, at, shown, version

_HPA, _KEDA = "where an HPA scales it", "where KEDA scales it"


def _pins(said: Mapping[str, Json]) -> bool:
    """At 0 an HPA stands still by itself."""
    return said.get("replicas") != 0


class Replicas(Fields):
    """Parts: the workload's number of replicas, and the bounds or the pause of each autoscaler."""

    about: ClassVar[LeverAbout] = LeverAbout(
        name="kubernetes.replicas",
        line="Scales a Deployment or StatefulSet, and holds what would scale it back.",
        connects=("kubernetes",),
        target=(NAMESPACE, DEPLOYMENT, STATEFULSET),
        one_of=("deployment", "statefulset"),
        example={
            "lever": "kubernetes.replicas",
            "target": {"connection": "prod-eu", "namespace": "assistants", "deployment": "support-agent"},
            "set": {"replicas": 0},
            "within": "90s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.BOTH,
        settings=(Field("replicas", FieldType.WHOLE, "how many pods it shall have"),),
        permissions=(
            Permission("kubernetes", "get", "apps/deployments/{deployment}"),
            Permission("kubernetes", "patch", "apps/deployments/{deployment}", WRITING),
            Permission("kubernetes", "get", "apps/statefulsets/{statefulset}"),
            Permission("kubernetes", "patch", "apps/statefulsets/{statefulset}", WRITING),
            Permission("kubernetes", "list", "autoscaling/horizontalpodautoscalers", only=_HPA),
            Permission("kubernetes", "get", "autoscaling/horizontalpodautoscalers", LOOKING, _HPA, _pins),
            Permission("kubernetes", "patch", "autoscaling/horizontalpodautoscalers", WRITING, _HPA, _pins),
            Permission("kubernetes", "list", "keda.sh/scaledobjects", only=_KEDA),
            Permission("kubernetes", "get", "keda.sh/scaledobjects", only=_KEDA),
            Permission("kubernetes", "patch", "keda.sh/scaledobjects", WRITING, _KEDA),
            Permission("kubernetes", "list", "argoproj.io/applications", only=KNOW_ARGO),
        ),
        blast_radius="Everybody whom these pods serve. Pods end after their grace period, and work in them with them.",
        undo="Puts back the number of replicas and each autoscaler it held, if they are still as psfir left them.",
        exact=True,
        vendor="kubernetes",
        propagation=30.0,
    )

    def look(self, target: Target, deadline: Deadline) -> Seen:
        workload = Workload.of(target)
        beside = Around(self._client, workload, deadline)
        found = self.found(workload.path, deadline)
        around = beside.owners(found)
        seen = {workload.path: self.part(target, workload.path, found), **around.autoscalers}
        return Seen(seen, version(found), undone_by=around.notes)

    def wanted(self, target: Target, before: Mapping[str, Any], settings: Mapping[str, Json]) -> Mapping[str, Json]:
        number = settings.get("replicas")
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise UsageError("kubernetes.replicas is not told how many", todo="say set: {replicas: 0}")
        return {path: _held(path, part, number) for path, part in before.items()}

    def part(self, target: Target, path: str, found: Mapping[str, Any]) -> Json:
        if is_autoscaler(path):
            return autoscaler_part(path, found)
        number = at(found, "spec", "replicas")
        never_told = 0 if found.get("kind") == "Scale" else 1  # a scale leaves its 0 out
        return {"replicas": never_told if number is None else int(number)}

    def body(self, target: Target, path: str, part: Json) -> dict[str, Any]:
        if is_autoscaler(path):
            return autoscaler_body(path, part)
        return {"spec": dict(part) if isinstance(part, Mapping) else {}}

    def name(self, path: str) -> str:
        return shown(path)

    def restore(self, change: Change, *, within: float) -> Outcome:
        """An autoscaler that is still held would take the number back to where it is held: it is let go first."""
        apart = _apart(parts(change.after), parts(change.before))
        if apart is None:
            return super().restore(change, within=within)
        deadline, before, (path, way) = Deadline(within), dict(parts(change.before)), apart.number
        now = self.now(change.target, path, deadline)[0]
        loose = {one: self.now(change.target, one, deadline)[0] for one in apart.scalers}
        if not (same(loose, apart.let_go.wanted) and _theirs(loose, now)):
            self._settled(path, now, way)
        elif not same(now, way.expected):
            return Outcome(Result.ALREADY_SO, f"its autoscaler is let go already, and has it at {word(now)}", before)
        done = self._move(change.target, apart.let_go, deadline)
        try:
            self._put(change.target, path, way.wanted, deadline)
        except PsfirError as error:
            what = f"{done.says}; the rest was not done: {error.what}"
            raise NoAnswer(what, where=error.where, todo=error.todo) from error
        return Outcome(Result.CHANGED, f"{done.says}; {self.name(path)} is now {word(way.wanted)}", before)

    def _put(self, target: Target, path: str, wanted: Json, deadline: Deadline) -> None:
        """From wherever an autoscaler that was let go a moment ago has moved it to."""
        while True:
            now = self.now(target, path, deadline)
            try:
                self._swap(target, (path, Way(now[0], wanted)), now, deadline)
            except Drift:
                if deadline.left <= 0:
                    raise
            else:
                return

    def verify(self, change: Change, *, within: float) -> Look:
        """The number under an autoscaler that was let go is not held to anything."""
        apart = _apart(parts(change.before), parts(change.after))
        if apart is not None:
            change = replace(change, before=apart.let_go.expected, after=apart.let_go.wanted)
        return super().verify(change, within=within)

    def order(self, paths: Sequence[str]) -> Sequence[str]:
        """Autoscalers first, so that none of them scales the workload in between."""
        return sorted(paths, key=lambda path: (not is_autoscaler(path), path))

    def instead(self, path: str) -> str | None:
        """Many roles allow the scale subresource alone."""
        return None if is_autoscaler(path) else f"{path}/scale"


def _held(path: str, part: Json, number: int) -> Json:
    if is_keda(path):
        return {"paused": str(number)}
    if is_autoscaler(path):
        return part if number == 0 else {"min": number, "max": number}
    return {"replicas": number}


@frozen
class _Apart:
    """A way back that lets autoscalers go, and the number that it gives them to begin with."""

    let_go: Way
    number: tuple[str, Way]

    @property
    def scalers(self) -> Mapping[str, Any]:
        return parts(self.let_go.wanted)


def _apart(expected: Mapping[str, Any], wanted: Mapping[str, Any]) -> _Apart | None:
    """None where nothing is let go, or the number stays: then no autoscaler can be in the way of it."""
    moved = [path for path in wanted if not same(expected.get(path), wanted[path])]
    scalers, rest = [path for path in moved if is_autoscaler(path)], [path for path in moved if not is_autoscaler(path)]
    if not rest or all(
        same(wanted[path], _held(path, wanted[path], at(wanted[rest[0]], "replicas"))) for path in scalers
    ):
        return None
    let_go = Way({path: expected.get(path) for path in scalers}, {path: wanted[path] for path in scalers})
    return _Apart(let_go, (rest[0], Way(expected.get(rest[0]), wanted[rest[0]])))


def _theirs(scalers: Mapping[str, Any], number: Json) -> bool:
    """Whether autoscalers may have chosen that number. One of KEDA may choose any."""
    chosen = at(number, "replicas")
    bounds = [part for path, part in scalers.items() if not is_keda(path)]
    return isinstance(chosen, int) and all(part["min"] <= chosen <= part["max"] for part in bounds)
