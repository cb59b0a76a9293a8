"""What somebody would write for the reference system with the official clients: the same calls, and nothing else.

python peer_reference.py FOLDER ROWS

LaunchDarkly has no client for its REST API, so that is urllib3; the cluster is asked through a bare ApiClient, AWS
through botocore. What can go side by side does. It knows every name and address by heart and reads no runbook; the
connections come from the overlay and the environment, as psfir's do. A row is made durable for each of psfir's.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore.session
import urllib3
from botocore.config import Config
from kubernetes import config
from kubernetes.client import ApiClient, Configuration

folder, rows = Path(sys.argv[1]), int(sys.argv[2])
there = json.loads(Path(os.environ["PSFIR_CONNECTIONS"]).read_text().partition("connections: ")[2])
http = urllib3.PoolManager(maxsize=16)
side = ThreadPoolExecutor(16)
FLAG, DIGEST_FLAG, ROLE = "support-assistant", "support-assistant-digest", "support-agent-runs"
APPS, BATCH, CORE = "/apis/apps/v1", "/apis/batch/v1", "/api/v1"
SPACE = "/namespaces/assistants"
AGENT = f"{APPS}{SPACE}/deployments/support-agent-runs"
DIGEST = f"{BATCH}{SPACE}/cronjobs/support-digest"
JOBS = f"{BATCH}{SPACE}/jobs"
PODS = f"{CORE}{SPACE}/pods"
ANSWERS = 'sum(rate(gateway_answers_total{system="support-assistant", written_by="model"}[1m]))'
TOOLS = 'sum(rate(gateway_tool_calls_total{system="support-assistant", outcome="done"}[1m]))'
SERIES = {ANSWERS: "gateway_answers_total", TOOLS: "gateway_tool_calls_total"}
LOOKS, EVERY = 3, 0.1


def flags(path: str, *, by: str = "TOKEN", method: str = "GET", body: object = None) -> dict[str, Any]:
    kind = "application/json; domain-model=launchdarkly.semanticpatch" if body else "application/json"
    version = "beta" if path.endswith("/dependent-flags") else "20240415"
    headers = {"Authorization": os.environ[by], "Content-Type": kind, "LD-API-Version": version}
    sent = None if body is None else json.dumps(body)
    answer = http.request(method, f"{there['flags']['url']}/api/v2/{path}", body=sent, headers=headers, timeout=10)
    assert answer.status == 200, f"{method} {path} was answered {answer.status}"
    said: dict[str, Any] = answer.json()
    return said


def flag(key: str, by: str = "TOKEN") -> dict[str, Any]:
    return flags(f"flags/assistants/{key}?env=production", by=by)


def client() -> ApiClient:
    settings = Configuration()
    config.load_kube_config(there["prod-eu"]["kubeconfig"], client_configuration=settings)  # type: ignore[no-untyped-call]  # the client has no types
    return ApiClient(settings)


cluster = client()


def kubernetes(path: str, body: object = None) -> str:
    method = "PATCH" if body else "GET"
    headers = {"Content-Type": "application/merge-patch+json"} if body else {}
    request = cluster.param_serialize(method, path, header_params=headers, body=body, auth_settings=["BearerToken"])
    answer = cluster.call_api(*request)
    said = (answer.read() or b"").decode()  # type: ignore[no-untyped-call]  # the same
    assert answer.status == 200, f"{method} {path} was answered {answer.status}: {said}"
    return said


def aws() -> None:
    session = botocore.session.Session()
    place = there["aws-prod"]
    iam: Any = session.create_client(
        "iam",
        region_name=place["region"],
        endpoint_url=place["endpoint_url"],
        aws_access_key_id=os.environ["ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["SECRET_ACCESS_KEY"],
        config=Config(connect_timeout=10, read_timeout=10),
    )
    iam.get_role(RoleName=ROLE)
    iam.list_role_policies(RoleName=ROLE)


def feature(path: str, **fields: str) -> dict[str, Any]:
    answer = http.request("GET", there["assistant"]["url"] + path, fields=fields, timeout=10)
    assert answer.status == 200, f"{path} was answered {answer.status}"
    said: dict[str, Any] = answer.json()
    return said


def together(*works: Callable[[], object]) -> None:
    for work in [side.submit(work) for work in works]:
        work.result()


def note(said: object) -> None:
    db.execute("INSERT INTO notes (data) VALUES (?)", (json.dumps(said),))


def see(key: str) -> None:
    flag(key)
    flags(f"flags/assistants/production/{key}/dependent-flags")
    flags("projects/assistants/environments/production")


def look_around() -> None:
    """Every rung of every ladder, before anything is touched."""
    autoscalers = (
        f"/apis/keda.sh/v1alpha1{SPACE}/scaledobjects",
        f"/apis/autoscaling/v2{SPACE}/horizontalpodautoscalers",
    )
    together(
        lambda: see(FLAG),
        lambda: see(DIGEST_FLAG),
        lambda: flag(FLAG, "SECOND"),
        lambda: [kubernetes(path) for path in (AGENT, *autoscalers)],
        lambda: kubernetes(f"/apis/networking.k8s.io/v1{SPACE}/ingresses/support"),
        lambda: [kubernetes(path) for path in (DIGEST, JOBS)],
        aws,
    )


def selected() -> list[dict[str, Any]]:
    labels = json.loads(kubernetes(AGENT))["spec"]["selector"]["matchLabels"]
    words = ",".join(f"{name}%3D{value}" for name, value in labels.items())
    found: list[dict[str, Any]] = json.loads(kubernetes(f"{PODS}?labelSelector={words}"))["items"]
    return found


def keep(name: str, said: object) -> None:
    (folder / f"{name}.json").write_text(json.dumps(said))


def logs() -> None:
    names = [pod["metadata"]["name"] for pod in selected()]
    keep("logs", [kubernetes(f"{PODS}/{name}/log?tailLines=1000") for name in names])


def take_evidence() -> None:
    together(
        lambda: keep("flag", flag(FLAG)),
        lambda: keep("state", feature("/assistant/state")),
        logs,
        lambda: keep("describe", [selected(), kubernetes(f"{CORE}{SPACE}/events")]),
    )


def stop_conversations() -> None:
    flag(FLAG)
    body = {"environmentKey": "production", "comment": "INC-1", "instructions": [{"kind": "turnFlagOff"}]}
    flags(f"flags/assistants/{FLAG}", method="PATCH", body=body)
    assert flag(FLAG)["environments"]["production"]["on"] is False


def stop_runs() -> None:
    kubernetes(AGENT)
    kubernetes(AGENT, {"spec": {"replicas": 0}})
    assert json.loads(kubernetes(AGENT))["spec"]["replicas"] == 0


def stop_schedule() -> None:
    for path in (DIGEST, JOBS, DIGEST):
        kubernetes(path)
    kubernetes(DIGEST, {"spec": {"suspend": True}})
    assert json.loads(kubernetes(DIGEST))["spec"]["suspend"] is True
    for path in (DIGEST, JOBS):
        kubernetes(path)


def says_off() -> None:
    assert feature("/assistant/state") == {"assistant": "off"}


def writes_nothing(query: str) -> None:
    for one in (f'timestamp({SERIES[query]}{{system="support-assistant"}})', query):
        assert feature("/api/v1/query", query=one)["status"] == "success"


def looks(look: Callable[[], None]) -> None:
    for number in range(LOOKS):
        look()
        if number < LOOKS - 1:
            time.sleep(EVERY)


db = sqlite3.connect(folder / "notes.sqlite3", isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA synchronous=FULL")
db.execute("CREATE TABLE IF NOT EXISTS notes (seq INTEGER PRIMARY KEY, data TEXT)")
probes = (says_off, lambda: writes_nothing(ANSWERS), lambda: writes_nothing(TOOLS))
look_around()
take_evidence()
together(stop_conversations, stop_runs, stop_schedule)
together(*(lambda probe=probe: looks(probe) for probe in probes))
together(*probes)
for number in range(rows):
    note({"note": number})
print("done")
