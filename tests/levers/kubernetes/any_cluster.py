"""A cluster as a test may use it that does not know which one it is: through the official client alone.

`PSFIR_TEST_KUBECONFIG` names a real one: an API server and its controllers are enough, without kubelet and network.
Nothing is taken for granted but what those do: what takes time is waited for, and pods end by force.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from kubernetes import config
from kubernetes.client.exceptions import ApiException

from psfir.range.kubernetes.resources import Obj, resource_of
from psfir.testing import FakeConnection
from psfir.vendors.kubernetes_objects import path

REAL = os.environ.get("PSFIR_TEST_KUBECONFIG", "")
"""Read once, here: no test sees a PSFIR_ variable of whoever runs it."""

PATIENCE = 60.0
_MERGE = "application/merge-patch+json"
_MISSING = 404


class AnyCluster:
    """One namespace of a random name; entered as a context, which removes it and all that is in it."""

    def __init__(self, kubeconfig: Path, scratch: Path) -> None:
        self.kubeconfig = kubeconfig
        self._scratch = scratch
        self.namespace = f"psfir-test-{uuid4().hex[:8]}"
        make: Callable[[str], Any] = config.new_client_from_config
        self._api = make(str(kubeconfig))

    def connection(self, *, token: str = "") -> FakeConnection:
        """For a lever: as whoever the kubeconfig says, or with another token."""
        file = self._with(token) if token else self.kubeconfig
        return FakeConnection("any", "kubernetes", {"kubeconfig": str(file)}, {})

    def call(self, method: str, where: str, body: object = None, **query: str) -> Obj:
        headers = {"Accept": "application/json", "Content-Type": _MERGE if method == "PATCH" else "application/json"}
        sent = self._api.param_serialize(
            method, where, None, list(query.items()), headers, body, auth_settings=["BearerToken"]
        )
        answer = self._api.call_api(*sent, _request_timeout=PATIENCE)
        answer.read()
        found = json.loads(answer.data or b"{}")
        if answer.status >= 400:
            raise ApiException(status=answer.status, reason=found.get("message"))
        return dict(found)

    def put(self, *objects: Obj) -> Obj:
        """Make each in this namespace; the last one as it is stored."""
        made: Obj = {}
        for obj in objects:
            resource = resource_of(obj)
            root = f"/apis/{resource.group}" if resource.group else "/api"
            where = f"{root}/{resource.version}/namespaces/{self.namespace}/{resource.plural}"
            made = self.call("POST", where, {**obj, "metadata": {**obj["metadata"], "namespace": self.namespace}})
        return made

    def get(self, kind: str, name: str) -> Obj:
        return self.call("GET", path(kind, self.namespace, name))

    def items(self, kind: str) -> list[Obj]:
        return list(self.call("GET", path(kind, self.namespace))["items"])

    def edit(self, kind: str, name: str, fields: Mapping[str, Any]) -> None:
        """Somebody else changes these fields."""
        self.call("PATCH", path(kind, self.namespace, name), fields)

    def token(self, name: str, *rules: Obj) -> str:
        """That of a new service account which may do what these rules say, in this namespace."""
        rbac, meta = "rbac.authorization.k8s.io", {"name": name, "namespace": self.namespace}
        role: Obj = {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": meta, "rules": list(rules)}
        subject = {"kind": "ServiceAccount", **meta}
        ref = {"apiGroup": rbac, "kind": "Role", "name": name}
        bound = {**role, "kind": "RoleBinding", "subjects": [subject], "roleRef": ref}
        del bound["rules"]
        self.put({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta}, role, bound)
        where = f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{name}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
        return str(self.call("POST", where, body)["status"]["token"])

    def eventually(self, what: str, is_so: Callable[[], bool]) -> None:
        """Wait until it is so; fail once that takes too long."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end, f"after {PATIENCE:g} s it was still not so: {what}"
            time.sleep(0.05)

    def settled(self, deployment: str) -> None:
        """Its controller has seen what it is told."""

        def seen() -> bool:
            found = self.get("deployment", deployment)
            return bool((found.get("status") or {}).get("observedGeneration") == found["metadata"]["generation"])

        self.eventually(f"{deployment} was seen by its controller", seen)

    def end_pods(self) -> None:
        """By force: without a kubelet they would not end."""
        for pod in self.items("pod"):
            try:
                where = path("pod", self.namespace, pod["metadata"]["name"])
                self.call("DELETE", where, {"gracePeriodSeconds": 0})
            except ApiException as error:
                if error.status != _MISSING:
                    raise

    def there(self) -> bool:
        """Whether the namespace is; what is in it goes before."""
        try:
            self.call("GET", f"/api/v1/namespaces/{self.namespace}")
        except ApiException as error:
            if error.status == _MISSING:
                return False
            raise
        return True

    def __enter__(self) -> Self:
        space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        self.call("POST", "/api/v1/namespaces", space)
        return self

    def __exit__(self, *_: object) -> None:
        self.call("DELETE", f"/api/v1/namespaces/{self.namespace}")

        def gone() -> bool:
            if self.there():
                self.end_pods()
                return False
            return True

        self.eventually(f"namespace {self.namespace} is gone", gone)
        self._api.close()

    def _with(self, token: str) -> Path:
        made = self._api.configuration
        cluster = {"server": made.host, "insecure-skip-tls-verify": not made.verify_ssl}
        if made.ssl_ca_cert:
            cluster["certificate-authority"] = made.ssl_ca_cert
        config_of: Obj = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "there",
            "contexts": [{"name": "there", "context": {"cluster": "there", "user": "me"}}],
            "clusters": [{"name": "there", "cluster": cluster}],
            "users": [{"name": "me", "user": {"token": token}}],
        }
        file = self._scratch / f"{uuid4().hex}.json"
        file.write_text(json.dumps(config_of), encoding="utf-8")
        return file
