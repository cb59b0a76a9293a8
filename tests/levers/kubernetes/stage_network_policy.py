"""The stages of `kubernetes.network_policy`: pods that nothing holds back yet, and pods under a policy of psfir's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psfir.domain.canon import Json
from psfir.domain.modes import Mode
from psfir.errors import PsfirError
from psfir.levers.kubernetes.network_policy import NetworkPolicy, own_path
from psfir.range.kubernetes.layouts import deployment, network_policy
from psfir.range.kubernetes.resources import NETWORK_POLICIES, Obj
from psfir.range.kubernetes.status import StatusError
from tests.levers.kubernetes.cluster_stage import NAME, NAMESPACE, ClusterStage

LABELS = {"app": NAME}
OPEN: list[Obj] = [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]


class NetworkPolicyStage(ClusterStage):
    """Another policy holds the pods of somebody else, and one these without letting anything out."""

    name = "kubernetes.network_policy"
    make = NetworkPolicy
    target: Mapping[str, Json] = NetworkPolicy.about.example["target"]  # type: ignore[assignment]  # it is a mapping
    settings: Mapping[str, Json] = {"cut": True}
    mode = Mode.ISOLATE

    def lay_out(self) -> None:
        self.cluster.put(deployment(NAME, namespace=NAMESPACE))
        self.policy("others", selector={"app": "others"}, egress=OPEN)
        self.policy("shut", selector=LABELS)

    def policy(self, name: str, **more: Any) -> None:
        self.cluster.put(network_policy(name, namespace=NAMESPACE, **more))

    @property
    def own(self) -> str:
        return own_path(self.target).rpartition("/")[2]

    def pulled(self) -> bool:
        try:
            spec = self.get(NETWORK_POLICIES, self.own)["spec"]
        except (StatusError, PsfirError):
            return False
        return bool(spec == {"podSelector": {"matchLabels": LABELS}, "policyTypes": ["Egress"]})

    def disturb(self) -> None:
        """Somebody lets these pods out by the very policy that psfir made, or would make."""
        self.policy(self.own, selector=LABELS, egress=OPEN)


class AlteredStage(NetworkPolicyStage):
    """One of that name is there already, and lets traffic out: it is put back so, and not deleted."""

    name = "kubernetes.network_policy over one of that name"

    def lay_out(self) -> None:
        super().lay_out()
        self.policy(self.own, selector=LABELS, egress=OPEN)

    def disturb(self) -> None:
        self.policy(self.own, selector=LABELS, egress=[{}])


STAGES = (NetworkPolicyStage, AlteredStage)
