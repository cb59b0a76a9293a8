"""The two ends of a connection: a pod, or somebody outside the cluster."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TypeAlias

from psfir.domain.values import frozen
from psfir.range.kubernetes.pods import HOST
from psfir.range.kubernetes.resources import Obj

TCP = "TCP"
ANY_PORT = 0


@frozen
class Outside:
    """Somebody who is no pod. Only an address that is a number is ever in an ipBlock."""

    address: str
    port: int = ANY_PORT


Peer: TypeAlias = "Obj | Outside"
Address: TypeAlias = "IPv4Address | IPv6Address"


def on_the_host(peer: Peer) -> bool:
    """The node itself, and pods on its network: policies do not reach them, and hold nobody back from them."""
    if isinstance(peer, Outside):
        return peer.address == HOST
    return (peer.get("spec") or {}).get("hostNetwork") is True


def namespace_of(pod: Obj) -> str:
    return str(pod["metadata"].get("namespace", "default"))


def address_of(peer: Peer) -> Address | None:
    told = peer.address if isinstance(peer, Outside) else (peer.get("status") or {}).get("podIP", "")
    try:
        return ip_address(told)
    except ValueError:
        return None


def ports_named(pod: Obj, name: str, protocol: str) -> set[int]:
    """What a pod's containers call by that name."""
    return {
        each["containerPort"]
        for container in (pod.get("spec") or {}).get("containers") or ()
        for each in container.get("ports") or ()
        if each.get("name") == name and each.get("protocol", TCP) == protocol
    }
