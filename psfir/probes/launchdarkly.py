"""`launchdarkly.evaluation`: what an application that starts now is served, seen with the official SDK and its own key.

It says what a new consumer gets. One that is running keeps what it has while LaunchDarkly is away: only a probe of the
feature itself says what its users get. Being served a default of one's own is never proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, Permission, ProbeAbout
from psfir.domain.canon import Json, canonical
from psfir.domain.change import Held
from psfir.domain.verdict import Sight
from psfir.errors import LeverError, UsageError
from psfir.vendors.launchdarkly_sdk import Evaluated, LaunchDarklySdk

REPLICA = "a new consumer"


class LaunchDarklyEvaluation:
    """One sight: a client that was started for this look."""

    about: ClassVar[ProbeAbout] = ProbeAbout(
        name="launchdarkly.evaluation",
        line="Looks at what an application that starts now is served by a LaunchDarkly flag.",
        connects=("launchdarkly",),
        target=(
            Field("flag", FieldType.TEXT, "the flag's key"),
            Field("context", FieldType.ANY, "who asks: the key of a user, or a mapping with kind, key and attributes"),
            Field("default", FieldType.ANY, "the default in the application's own code", required=False),
        ),
        example={
            "probe": "launchdarkly.evaluation",
            "target": {"connection": "flags", "flag": "support-assistant", "context": "psfir-probe"},
            "expect": {"value": False},
        },
        expect=(Field("value", FieldType.ANY, "what it must be served"),),
        permissions=(Permission("launchdarkly", "SDK key", "{connection}"),),
    )

    def __init__(self, connection: BoundConnection) -> None:
        self._sdk = LaunchDarklySdk(connection)

    def look(self, target: Target, expect: Mapping[str, Json], *, within: float) -> Sequence[Sight]:
        if "value" not in expect:
            raise UsageError("launchdarkly.evaluation is not told what to expect", todo="say expect: {value: false}")
        flag, context, default = str(target["flag"]), _context(target.get("context")), target.get("default")
        try:
            seen = self._sdk.evaluate(flag, context, default, within=within)
        except LeverError as error:
            return [Sight(REPLICA, Held.COULD_NOT_TELL, self._sdk.clean(error.what))]
        held, says = _judge(seen, expect["value"], own="default" in target)
        return [Sight(REPLICA, held, self._sdk.clean(says))]


def _judge(seen: Evaluated, wanted: Json, *, own: bool) -> tuple[Held, str]:
    after = f"{seen.took:.2f} s after it started"
    if seen.error:
        return Held.COULD_NOT_TELL, f"it was served its own default: {seen.error}, {after}"
    if seen.index is None and not own:
        says = f"it was served its own default ({seen.reason}), and the target does not say what that is, {after}"
        return Held.COULD_NOT_TELL, says
    source = "its own default" if seen.index is None else f"variation {seen.index}"
    says = f"it was served {_word(seen.value)} ({source}, {seen.reason}), {after}"
    if canonical(seen.value) == canonical(wanted):
        return Held.HELD, says
    return Held.NOT_HELD, f"{says}, not {_word(wanted)}"


def _context(said: Json) -> Mapping[str, Json]:
    if isinstance(said, str) and said:
        return {"kind": "user", "key": said}
    if isinstance(said, Mapping):
        return {"kind": "user", **said}
    raise UsageError("context: is neither a key nor a mapping", todo="say context: psfir-probe")


def _word(value: Json) -> str:
    return canonical(value).decode()[:200]
