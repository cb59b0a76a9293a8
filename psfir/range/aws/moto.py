"""The moto server as a process of its own: AWS for the range and the tests, IAM enforced where that is asked for.

Apart, because moto alters botocore wherever it is imported. It ends when its standard input does, so that nobody who
dies leaves one behind.
"""

from __future__ import annotations

import subprocess
import sys
from http.client import HTTPConnection
from typing import Self
from urllib.parse import urlsplit

from psfir.errors import UsageError

REGION = "eu-west-1"
ACCOUNT = "123456789012"
_NEVER = b"1000000000"
_SERVE = """
import logging, os, re, sys
from moto.iam.access_control import IAMRequestBase
from moto.core.responses import BaseResponse
from moto.moto_server import threaded_moto_server
from moto.server import ThreadedMotoServer
signed = IAMRequestBase._create_aws_request
def without_body(self):
    # Where there is no body moto signs the headers in its place, and no reading of Lambda has a right signature.
    if self._headers.get("Content-Length", "0") in ("", "0"):
        self._data = b""
    return signed(self)
IAMRequestBase._create_aws_request = without_body
def resource(self):
    # Where a service of moto does not say what it is asked about, only policies for every resource would allow it.
    at, service, rest = self.current_account, type(self).__name__, ""
    if service == "LambdaResponse" and (found := re.search(r"/functions/([^/?]+)", self.path)):
        rest = f"lambda:{self.region}:{at}:function:{found[1].rpartition(':')[2]}"
    if service == "EC2ContainerServiceResponse" and (name := self._get_param("service") or self._get_param("services")):
        name, cluster = (name if isinstance(name, str) else name[0]), self._get_param("cluster") or "default"
        rest = f"ecs:{self.region}:{at}:service/{cluster.rpartition('/')[2]}/{name.rpartition('/')[2]}"
    return f"arn:aws:{rest}" if rest else "*"
BaseResponse._determine_resource = resource
permitted = IAMRequestBase.check_action_permitted
def by_method(self, resource):
    # What policies call API Gateway's actions are HTTP's own methods; moto knows each operation's name.
    if self._service == "apigateway":
        self._action = "apigateway:" + self._method
    return permitted(self, resource)
IAMRequestBase.check_action_permitted = by_method
making = threaded_moto_server.create_backend_app
def made(service):
    app = making(service)
    if service == "apigateway":  # loaded with the first call on it, and not before
        from moto.apigateway.models import Stage
        patched = Stage.apply_operations
        def with_removal(self, operations):
            # It takes no settings of a method away, and says that it has.
            for one in operations:
                if one["op"] == "remove" and one["path"].count("/") == 2:
                    self.method_settings.pop(one["path"][1:], None)
            return patched(self, operations)
        Stage.apply_operations = with_removal
    return app
threaded_moto_server.create_backend_app = made
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what it does not know it tells with a traceback, and the client too
sys.stdin.read()
server.stop()
"""


class Moto:
    """`url` serves every service. It begins empty, and lets everybody do everything until `enforce`."""

    def __init__(self) -> None:
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", _SERVE]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)  # noqa: S603 - our own words
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        port = self._process.stdout.readline().strip()
        if not port:
            self.stop()
            what = "the moto server, which stands in for AWS, did not start"
            raise UsageError(what, todo="pip install 'psfir[range]'")
        self.url = f"http://127.0.0.1:{port}"
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.communicate(timeout=10)
            self._process = None

    @property
    def gone(self) -> bool:
        """Whether its process ended although nobody stopped it."""
        return self._process is not None and self._process.poll() is not None

    def reset(self) -> None:
        """Empty every account."""
        self._post("reset", b"")

    def seed(self, number: int) -> None:
        """From now on its keys and identifiers come in the order that belongs to this number."""
        self._post(f"seed?a={number}", b"")

    def enforce(self, *, on: bool = True) -> None:
        """Whether policies count from now on."""
        self._post("reset-auth", b"0" if on else _NEVER)

    def _post(self, what: str, body: bytes) -> None:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            connection.request("POST", f"/moto-api/{what}", body, {"Content-Type": "text/plain"})
            connection.getresponse().read()
        finally:
            connection.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
