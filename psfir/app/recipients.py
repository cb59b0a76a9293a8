"""The recipients of a channel: read from the file that its list names, or asked of its program."""

from __future__ import annotations

from collections.abc import Iterator

from psfir.app.session import Session
from psfir.comms.recipients import Recipient, read, told
from psfir.domain.channels import Channel
from psfir.errors import ContentError, Problem
from psfir.vendors.program import Ended, allowed

WITHIN = 60.0
VERB = "recipients"


def recipients(session: Session, channel: Channel) -> Iterator[Recipient]:
    """Nobody is left out silently: what is wrong with a line, or with the program's end, is an error."""
    listed = session.workspace.comms.lists[channel.list]
    if not listed.command:
        return read(listed, session.root)
    program = allowed(session.binder.connection(listed.command), session.scrubber)
    ended = program.run(VERB, {"schema": "psfir.recipients/1", "list": listed.name}, within=WITHIN)
    if ended.code != 0:
        raise ContentError([Problem(f"the answer of {listed.command}", 0, 0, _how(ended), "recipients")])
    return told(listed, ended.out)


def _how(ended: Ended) -> str:
    """Without its words: they may hold an address."""
    if ended.code is None:
        return f"is no whole list: {ended.why}"
    return f"is no list: its program ended with {ended.code}"
