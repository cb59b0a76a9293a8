"""A mail server as a process of its own that takes every mail, counts it and keeps nothing.

python -m benchmarks.mail_server

Prints its port. A mail to count@ is answered with how many it took since the last one that asked.
"""

from __future__ import annotations

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"


class Counting:
    """`taken` is how many mails came since somebody asked."""

    def __init__(self) -> None:
        self.taken = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("count@"):
            taken, self.taken = self.taken, 0
            return f"550 {taken}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        self.taken += 1
        return "250 OK"


async def serve() -> None:
    counting, loop = Counting(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(counting, hostname="mail.test", loop=loop), LOOPBACK, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
