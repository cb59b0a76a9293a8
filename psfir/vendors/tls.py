"""Whom TLS trusts: the authorities of a connection's own file, or the system's. Certificates are always checked."""

from __future__ import annotations

import ssl

from psfir.domain.canon import Json
from psfir.errors import UsageError


def trusting(ca: Json, *, where: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError(f"its ca {ca} cannot be used: {why}", where=where) from None
