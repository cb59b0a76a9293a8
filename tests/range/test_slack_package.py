"""The Slack from a package, where it is installed; and the console in its stead, which says why.

The package is a binary of 95 MB from npm that no lock file of ours names. So what needs it runs where PSFIR_LOCAL_SLACK
or node_modules has it and namespaces are allowed; everywhere, the fallback is tested, and with a small program in its
place all that is ours: the namespace, the way in, the tokens and the end.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient

from psfir.errors import UsageError
from psfir.range.clock import RangeClock
from psfir.range.slack.choose import PLACE, VARIABLE, found, started
from psfir.range.slack.console import SlackConsole
from psfir.range.slack.package import SlackPackage, Unavailable

LITTLE = f"""#!{sys.executable}
import http.server, json, os, sys
posted = []
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        where = {{"channels": [{{"id": "C1", "name": "incidents"}}]}}
        self.say({{"/_control/state": where, "/_control/messages/C1": {{"messages": posted}}}}.get(self.path, {{}}))
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        posted.clear() if self.path == "/_control/reset" else posted.append({{"text": body}})
        self.say({{"ok": True, "links": sorted(os.listdir("/sys/class/net")), "pid": os.getpid()}})
    def say(self, what):
        raw = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("0.0.0.0", int(sys.argv[sys.argv.index("--port") + 1])), Handler).serve_forever()
"""


def program(folder: Path, text: str) -> Path:
    path = folder / PLACE
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def namespaces() -> bool:
    command = ["unshare", "--map-root-user", "--net", "--pid", "--fork", "true"]
    try:
        return subprocess.run(command, capture_output=True, timeout=10, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture
def little(tmp_path: Path) -> Iterator[SlackPackage]:
    if not namespaces():
        pytest.skip("this machine allows no network namespaces, so that the console is what it has")
    with SlackPackage(program(tmp_path, LITTLE)) as slack:
        yield slack


def reached(slack: SlackPackage | SlackConsole, token: str = "") -> WebClient:
    return WebClient(token=token or slack.token, base_url=f"{slack.url}/api/", timeout=10, retry_handlers=[])


def test_it_is_reached_from_outside_its_namespace(little: SlackPackage) -> None:
    """What it serves on every address in there is served on 127.0.0.1 out here, and on nothing else."""
    answer = reached(little).api_call("chat.postMessage", params={"text": "hi"})
    assert answer["pid"] == 2  # after the one that lets connections in, and no other process
    assert not _listens_on_all(little.url)
    assert [one["text"] for one in little.messages("#incidents")] == ["text=hi"]
    assert little.messages("nowhere") == []
    little.reset()
    assert little.messages("C1") == []


def _listens_on_all(url: str) -> bool:
    port = f":{int(url.rpartition(':')[2]):04X}"
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    listening = [line.split()[1] for table in tables for line in table if line.split()[3] == "0A"]
    here = [address for address in listening if address.endswith(port)]
    assert here, "nobody listens at all"
    return any(not address.startswith("0100007F") for address in here)


def test_only_its_own_tokens_are_good(little: SlackPackage) -> None:
    """Which the package itself does not look at."""
    with pytest.raises(SlackApiError) as refused:
        reached(little, "xoxb-other").auth_test()
    assert refused.value.response["error"] == "invalid_auth"


def test_nothing_of_it_outlives_it(tmp_path: Path) -> None:
    """Neither when it is stopped nor when whoever started it is killed."""
    if not namespaces():
        pytest.skip("this machine allows no network namespaces, so that the console is what it has")
    binary = program(tmp_path, LITTLE)
    with SlackPackage(binary):
        assert _running(binary)
    assert not _running(binary)
    script = f"""
from pathlib import Path
from psfir.range.slack.package import SlackPackage
slack = SlackPackage(Path({str(binary)!r})).start()
print("up", flush=True)
input()
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", script], stdin=pipe, stdout=pipe, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        assert _running(binary)
        parent.kill()
    ends = monotonic() + 10
    while _running(binary):
        assert monotonic() < ends
        sleep(0.02)


def _running(binary: Path) -> bool:
    return any(str(binary).encode() in _command(path) for path in Path("/proc").glob("[0-9]*"))


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""  # it ended just now


def test_a_program_that_does_not_start_is_no_slack(tmp_path: Path) -> None:
    """The console comes in its stead and says why."""
    binary = program(tmp_path, "#!/bin/sh\nexit 3\n")
    with pytest.raises(Unavailable):
        SlackPackage(binary).start()
    slack = started(RangeClock(), say=print, environ={}, folders=[tmp_path])
    try:
        assert isinstance(slack, SlackConsole)
        assert "local-slack cannot be shut off" in slack.note
    finally:
        slack.stop()


def test_without_namespaces_it_is_a_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may never run where the network could reach it."""
    program(tmp_path, LITTLE)
    refusing = tmp_path / "bin" / "unshare"
    refusing.parent.mkdir()
    refusing.write_text("#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n")
    refusing.chmod(0o755)
    for path, why in ((str(refusing.parent), "Operation not permitted"), (str(tmp_path), "cannot be run")):
        monkeypatch.setenv("PATH", path)
        slack = started(RangeClock(), say=print, environ={}, folders=[tmp_path])
        try:
            assert isinstance(slack, SlackConsole)
            assert why in slack.note
            assert reached(slack).auth_test()["ok"]
        finally:
            slack.stop()


def test_where_it_is_looked_for(tmp_path: Path) -> None:
    """The variable goes first, and has to name a file; then each folder's node_modules; else it is a console."""
    binary = program(tmp_path, LITTLE)
    assert found({}, [tmp_path / "nowhere", tmp_path]) == binary
    assert found({VARIABLE: str(binary)}, []) == binary
    with pytest.raises(UsageError, match=VARIABLE):
        found({VARIABLE: str(tmp_path)}, [tmp_path])
    slack = started(RangeClock(), say=print, environ={}, folders=[])
    try:
        assert isinstance(slack, SlackConsole)
        assert "not installed" in slack.note
    finally:
        slack.stop()


def test_the_package_itself() -> None:
    """Slack's own clients reach it, by the Web API and by Socket Mode; where it is not installed the console is it."""
    slack = started(RangeClock(), say=print, environ=os.environ, folders=[Path.cwd()])
    try:
        client = reached(slack)
        client.chat_postMessage(channel="C0RANGE002", text="The assistant is off")
        assert [one["text"] for one in slack.messages("incidents")] == ["The assistant is off"]
        with pytest.raises(SlackApiError, match="invalid_auth"):
            reached(slack, "xoxb-other").auth_test()
        slack.reset()
        assert slack.messages("incidents") == []
        if isinstance(slack, SlackPackage):
            assert _hears_a_message(slack)
        else:
            assert slack.note.startswith("Slack is a console: local-slack ")
    finally:
        slack.stop()


def _hears_a_message(slack: SlackPackage) -> bool:
    heard = Event()
    client = SocketModeClient(app_token=slack.app_token, web_client=reached(slack))
    client.message_listeners.append(lambda *_: heard.set())
    client.connect()
    try:
        return heard.wait(10)
    finally:
        client.close()
