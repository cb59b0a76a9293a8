"""`aws.appconfig`: what AppConfig hands to an application: a safe version, a flag off, or another value.

A configuration is changed by deploying a version, and an environment takes one deployment at a time. A deployment can
take long, and an alarm can roll it back minutes later, so verify looks at what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from psfir.contracts import BoundConnection, Target
from psfir.domain.about import Field, FieldType, LeverAbout, Stops
from psfir.domain.canon import Json, canonical, digest_bytes
from psfir.domain.change import Change, Outcome, Result
from psfir.domain.modes import Mode
from psfir.domain.needs import Use
from psfir.domain.preflight import Finding, Matter, Ready
from psfir.errors import Busy, LeverError, NoAnswer, NoSuchTarget, PsfirError, Refusal, UsageError
from psfir.levers.aws.ahead import Ahead, Need
from psfir.levers.aws.config_content import alike, found, parsed, put, switch, switched, written
from psfir.levers.aws.config_notes import alarms, bakes, moving, notes, pace
from psfir.levers.aws.config_rights import RIGHTS
from psfir.levers.aws.deployments import Deployed, Deployment, Deployments
from psfir.levers.aws.settable import Seen, Stated
from psfir.levers.settle import Way, word
from psfir.vendors.aws import Deadline

_LEAVE, _STOP = "leave", "stop"
_FLAG, _VALUE = "flag", "value"


class AppConfig(Stated):
    """The state is the `version` that is deployed, or, where the target names them, the `flag` or the `value` there.

    A deployment that is under way counts as what it leads to; until it is there, verify does not hold.
    """

    about: ClassVar[LeverAbout] = LeverAbout(
        name="aws.appconfig",
        line="Deploys another version of an AppConfig configuration, or one with a flag off or a value changed.",
        connects=("aws",),
        target=(
            Field("application", FieldType.TEXT, "the application's ID"),
            Field("environment", FieldType.TEXT, "the environment's ID"),
            Field("profile", FieldType.TEXT, "the configuration profile's ID"),
            Field(
                "flag", FieldType.TEXT, "a feature flag's key; without it and key, the whole version", required=False
            ),
            Field("key", FieldType.POINTER, "where a value is in free-form JSON", required=False),
            Field(
                "strategy",
                FieldType.TEXT,
                "the ID of the deployment strategy; default AppConfig.AllAtOnce, which bakes for 10 minutes",
                required=False,
                default="AppConfig.AllAtOnce",
            ),
            Field(
                "under_way",
                FieldType.TEXT,
                "what becomes of another deployment that is under way in the environment, of whatever profile; "
                "default leave, and the pull comes back for its share; stop rolls it back",
                required=False,
                default=_LEAVE,
                choices=(_LEAVE, _STOP),
            ),
        ),
        example={
            "lever": "aws.appconfig",
            "target": {
                "connection": "aws-prod",
                "application": "339ohji",
                "environment": "54j1r29",
                "profile": "ur8hx2f",
                "flag": "support-assistant",
            },
            "set": {"enabled": False},
            "within": "60s",
        },
        modes=(Mode.DISABLE, Mode.DEGRADE, Mode.ISOLATE),
        stops=Stops.NEW,
        settings=(
            Field("enabled", FieldType.FLAG, "of a flag, for everybody; default false", required=False),
            Field("value", FieldType.ANY, "of a key", required=False),
            Field("version", FieldType.TEXT, "the number of a version that is there already", required=False),
        ),
        permissions=RIGHTS,
        blast_radius="Whatever reads this profile in this environment: each client once it polls again, which agents "
        "do every 45 seconds by default; who keeps what it read at its start goes on. For as long as the deployment "
        "takes and bakes, the environment takes no other one, and an alarm that it watches rolls it back.",
        undo="Deploys the version again that it found; while its own deployment still bakes, that is stopped and rolls "
        "back to the same. If others deployed meanwhile, a new version says what the flag or key said, and keeps "
        "theirs. A deployment that was stopped for it is not begun again, and versions that it made stay unused.",
        exact=True,
        vendor="aws",
        propagation=60.0,
    )

    def __init__(self, connection: BoundConnection) -> None:
        super().__init__(connection)
        self._deployments = Deployments(self._aws)

    def apply(self, change: Change, *, within: float) -> Outcome:
        return self._go(change.target, Way(change.before, change.after), Deadline(within))

    def restore(self, change: Change, *, within: float) -> Outcome:
        return self._go(change.target, Way(change.after, change.before), Deadline(within), change.version)

    def _seen(self, target: Target, deadline: Deadline) -> Seen:
        return self._looked(target, self._deployments.now(target, deadline), deadline)

    def _looked(self, target: Target, there: Deployed, deadline: Deadline) -> Seen:
        heading = there.heading
        if _part(target):
            content = parsed(self._content(target, heading.version, deadline), heading.version)
            state: dict[str, Json] = {_part(target): self._clean(found(target, content))}
        else:
            state = {"version": heading.version}
        turned = there.turned
        why = f"{turned} was rolled back {self._why(target, turned, deadline)}" if turned else ""
        more = "; ".join(one for one in (why, bakes(heading)) if one)
        return Seen(state, "", notes(target, there), moving(there), more, heading.version)

    def _go(self, target: Target, way: Way, deadline: Deadline, former: str | None = None) -> Outcome:
        there = self._deployments.now(target, deadline)
        seen = self._looked(target, there, deadline)
        wanted = dict(way.wanted) if isinstance(way.wanted, Mapping) else {}
        if so := self._settled(target, seen, way):
            return so
        says = f"{self._name(target)} is now {self._word(wanted)}"
        version, content = self._ready_made(target, there, wanted, deadline, former)
        busy = there.busy
        if busy and busy.number == there.heading.number and there.former and there.former.version == version:
            self._deployments.stop(target, busy, deadline)
            return Outcome(Result.CHANGED, f"{says}: {busy} was stopped, which rolls it back to {version}", wanted)
        if busy:
            self._out_of_the_way(target, busy, deadline)
        version = version or self._made(target, content, deadline)
        try:
            said = self._deployments.start(target, version, there, deadline)
        except PsfirError as error:
            if not busy or isinstance(error, NoAnswer):
                raise
            # Only what was not touched at all may be called failed or refused: that one was stopped.
            what = f"{busy} was stopped, and version {version} not deployed: {error.what}"
            raise NoAnswer(what, where=self._aws.where, todo=error.todo) from error
        return Outcome(Result.CHANGED, f"{says}, by deployment {said.get('DeploymentNumber')} of {version}", wanted)

    def _out_of_the_way(self, target: Target, busy: Deployment, deadline: Deadline) -> None:
        where = f"in the environment {target['environment']}"
        what = f"{busy} of the profile {busy.profile} is under way {where} ({busy.state}), which takes one at a time"
        if busy.state == "ROLLING_BACK" and self._deployments.over(target, busy, deadline):
            return
        if target.get("under_way") != _STOP or busy.state == "ROLLING_BACK":
            raise Busy(what, where=self._aws.where, todo="wait, or say under_way: stop, which rolls it back")
        self._deployments.stop(target, busy, deadline)
        if not self._deployments.over(target, busy, deadline):
            what = f"{busy} was stopped, and had not gone back before the share was over"
            raise NoAnswer(what, where=self._aws.where)

    def _ready_made(
        self, target: Target, there: Deployed, wanted: Mapping[str, Json], deadline: Deadline, former: str | None
    ) -> tuple[str, Json]:
        """The number of a version that says so already, or else what a new one has to say."""
        if not _part(target):
            return str(wanted.get("version")), None
        heading = there.heading.version
        content = put(target, parsed(self._content(target, heading, deadline), heading), wanted.get(_part(target)))
        for version in dict.fromkeys((former, there.former.version if there.former else None)):
            if version and self._says(target, version, content, deadline):
                return version, content
        return "", content

    def _says(self, target: Target, version: str, content: Json, deadline: Deadline) -> bool:
        try:
            return alike(self._content(target, version, deadline), content)
        except NoSuchTarget:
            return False  # versions can be deleted

    def _made(self, target: Target, content: Json, deadline: Deadline) -> str:
        """A hosted version with that content. Its label names it, so that a lost answer does not make it twice."""
        body = written(content)
        label = f"psfir-{digest_bytes(body).partition(':')[2][:16]}"
        params: dict[str, Any] = _profile(target)
        asked = {**params, "VersionLabel": label}
        said = self._aws.read("appconfig", "ListHostedConfigurationVersions", asked, within=deadline.left)
        for one in said.get("Items", []):
            if one.get("VersionLabel") == label and self._says(target, str(one["VersionNumber"]), content, deadline):
                return str(one["VersionNumber"])
        params |= {"Content": body, "ContentType": "application/json", "Description": "psfir", "VersionLabel": label}
        made = self._aws.write("appconfig", "CreateHostedConfigurationVersion", params, within=deadline.left)
        if not isinstance(made.get("VersionNumber"), int):
            raise NoAnswer(
                "appconfig CreateHostedConfigurationVersion answered without a number", where=self._aws.where
            )
        return str(made["VersionNumber"])

    def _wanted(self, target: Target, state: Mapping[str, Json], settings: Mapping[str, Json]) -> dict[str, Json]:
        kind = "enabled" if target.get("flag") else "value" if target.get("key") else "version"
        strange = sorted(name for name in settings if name != kind)
        if strange or (target.get("flag") and target.get("key")):
            todo = "set enabled of a flag, value of a key, and version where the target names neither"
            raise UsageError(f"{self._name(target)} cannot be set {', '.join(strange) or 'by both'}", todo=todo)
        if kind == "enabled":
            return {_FLAG: self._clean(switched(state.get(_FLAG), settings))}
        if kind not in settings:
            raise UsageError(f"{self._name(target)} is not told which {kind}", todo=f"say set: {{{kind}: ...}}")
        if kind == "version" and str(state.get("version")).isdecimal() and not str(settings[kind]).isdecimal():
            raise UsageError(f"{settings[kind]!r} is no version's number", todo="say its number, and not its label")
        return {kind: self._clean(settings[kind])}

    def _needs(self, ahead: Ahead, target: Target, _seen: Seen, settings: Mapping[str, Json]) -> list[Need]:
        return ahead.needs(Use(self.about, target, "", settings))

    def _findings(self, target: Target, seen: Seen, deadline: Deadline) -> list[Finding]:
        found = [Finding(Matter.TARGET, Ready.BEWARE, note) for note in seen.notes]
        names = {"ApplicationId": target["application"], "EnvironmentId": target["environment"]}
        strategy = {"DeploymentStrategyId": target.get("strategy") or "AppConfig.AllAtOnce"}
        for operation, params, tell in (
            ("GetEnvironment", names, alarms),
            ("GetDeploymentStrategy", strategy, pace),
        ):
            try:
                found += tell(self._aws.read("appconfig", operation, params, within=deadline.left))
            except PsfirError as error:
                ready = Ready.WOULD_FAIL if isinstance(error, NoSuchTarget) else Ready.COULD_NOT_TELL
                found.append(Finding(Matter.UNDONE_BY, ready, error.what, error.todo))
        return found

    def _content(self, target: Target, version: str, deadline: Deadline) -> bytes:
        if not version.isdecimal():
            what = f"version {version} is kept outside of AppConfig, where psfir cannot make another one"
            raise NoSuchTarget(what, where=self._aws.where, todo="name no flag and no key, and set: {version: ...}")
        params = {**_profile(target), "VersionNumber": int(version)}
        said = self._aws.read("appconfig", "GetHostedConfigurationVersion", params, within=deadline.left)
        body = said.get("Content")
        if body is None:
            raise LeverError("appconfig GetHostedConfigurationVersion answered without content", where=self._aws.where)
        content: bytes = body.read()
        return content

    def _why(self, target: Target, turned: Deployment, deadline: Deadline) -> str:
        try:
            return self._deployments.why_back(target, turned, deadline)
        except LeverError as error:
            return f"(why cannot be told: {error.what})"

    def _clean(self, value: Json) -> Json:
        if self._aws.clean(text := canonical(value).decode()) != text:
            what = "the value holds a secret of the connection, which may not be recorded"
            raise Refusal(what, where=self._aws.where, todo="name a flag or key that holds none, or a version")
        return value

    def _name(self, target: Target) -> str:
        part = f"the flag {target['flag']}" if target.get("flag") else str(target.get("key") or "")
        whole = f"the profile {target['profile']} in the environment {target['environment']}"
        return f"{part} of {whole}" if part else whole

    def _word(self, state: Mapping[str, Json]) -> str:
        if "version" in state:
            return f"at version {state['version']}"
        return switch(state[_FLAG]) if _FLAG in state else word(state.get(_VALUE))


def _profile(target: Target) -> dict[str, Any]:
    return {"ApplicationId": target["application"], "ConfigurationProfileId": target["profile"]}


def _part(target: Target) -> str:
    """Under which word the state says what is in the configuration; empty if it says which version it is."""
    return _FLAG if target.get("flag") else _VALUE if target.get("key") else ""
