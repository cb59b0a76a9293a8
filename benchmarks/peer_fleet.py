"""The same calls from a plain pool of 32 threads, over and over in one process: no plan, no record, no verdict.

python peer_fleet.py http|boto3|kubernetes URL CALL...

A call is METHOD:PATH, of AWS OPERATION:NAME. Those of one target go in their order, different targets side by side. For
each line it reads it makes them all once, and answers with the seconds of CPU that this took.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any
from urllib.parse import urlsplit

WORKERS = 32
kind, url, *calls = sys.argv[1:]
Ask = Callable[[str, str], None]


def over_http() -> Ask:
    own = local()

    def ask(method: str, path: str) -> None:
        if not hasattr(own, "connection"):
            own.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        body = json.dumps({"enabled": False}) if method == "PUT" else None
        own.connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = own.connection.getresponse()
        assert "enabled" in json.loads(answer.read())

    return ask


def through_boto3() -> Ask:
    import boto3  # noqa: PLC0415 - the others must not pay for it
    from botocore.config import Config  # noqa: PLC0415 - the same

    keys: Any = {"aws_access_key_id": "AKIDEXAMPLE12345", "aws_secret_access_key": "a-secret-of-the-bench"}
    config = Config(max_pool_connections=WORKERS)
    ssm: Any = boto3.client("ssm", region_name="eu-west-1", endpoint_url=url, config=config, **keys)

    def ask(operation: str, name: str) -> None:
        if operation == "PutParameter":
            ssm.put_parameter(Name=name, Value="small", Overwrite=True, DataType="text")
        else:
            assert ssm.get_parameter(Name=name, WithDecryption=False)["Parameter"]["Value"]

    return ask


def through_kubernetes() -> Ask:
    from kubernetes.client import ApiClient, Configuration  # noqa: PLC0415 - the others must not pay for it
    from kubernetes.client.exceptions import ApiException  # noqa: PLC0415 - the same

    settings = Configuration()
    settings.host, settings.connection_pool_maxsize = url, WORKERS
    client = ApiClient(settings)

    def ask(method: str, path: str) -> None:
        body = {"spec": {"replicas": 0}} if method == "PATCH" else None
        headers = {"Content-Type": "application/merge-patch+json"} if body else {}
        request = client.param_serialize(method, path, header_params=headers, body=body)
        try:
            json.loads(client.call_api(*request).read() or b"")  # type: ignore[no-untyped-call]  # the client has no types
        except ApiException as error:
            if error.status != 404:
                raise

    return ask


ask = {"http": over_http, "boto3": through_boto3, "kubernetes": through_kubernetes}[kind]()
by_target: dict[str, list[tuple[str, str]]] = {}
for call in calls:
    word, _, where = call.partition(":")
    by_target.setdefault(where.partition("?")[0], []).append((word, where))
last = [by_target.pop(name) for name in list(by_target) if name == "/health" or name.endswith("/pods")]


def each(of: list[tuple[str, str]]) -> None:
    for one in of:
        ask(*one)


sys.stdout.write("ready\n")
sys.stdout.flush()
with ThreadPoolExecutor(WORKERS) as pool:
    for _ in sys.stdin:
        begun = time.process_time()
        for work in [pool.submit(each, of) for of in by_target.values()]:
            work.result()
        for of in last:
            each(of)
        sys.stdout.write(f"{time.process_time() - begun:.6f}\n")
        sys.stdout.flush()
