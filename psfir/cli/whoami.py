"""`psfir whoami`: who psfir takes you for, how sure it is, and what you may do."""

from __future__ import annotations

import click

from psfir.cli.desk import Desk, common

EPILOG = """\b
Examples:
  psfir whoami
  PSFIR_ME=alice psfir whoami

Exit codes: 0 a person of psfir.yaml, 1 somebody psfir does not know."""


@click.command(epilog=EPILOG)
@common
def whoami(desk: Desk) -> int:
    """Who psfir takes you for, and what you may do."""
    from psfir.app.identity import about

    session = desk.session(reaching=True)
    me = about(session.workspace.team, session.who, session.door.env)
    desk.result("whoami", me.to_json())
    if me.person is None:
        named = (
            f"{session.who.unknown!r} is not a person in psfir.yaml" if session.who.unknown else "nobody psfir knows"
        )
        desk.say(f"{named} (login {session.actor.login})")
        desk.say("you can look at everything, and kill by saying who you are and why; nothing else")
        desk.say("  -> set PSFIR_ME, or `me:` in " + me.settings)
        return 1
    desk.say(
        f"{me.person.name or me.person.id} ({session.actor}), login {session.actor.login}, from {session.who.origin}"
    )
    desk.say(f"roles: {', '.join(me.person.roles) or 'none'}")
    desk.say(f"may: {', '.join(deed.value.replace('_', ' ') for deed in me.may)}")
    keys = len(me.person.ssh_keys)
    desk.say(f"SSH keys: {keys}" + ("" if keys else ": a signed approval needs one in psfir.yaml"))
    return 0
