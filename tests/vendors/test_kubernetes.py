"""The official client's bare ApiClient on a real socket: what goes well is a plain dict, what does not is one error."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from psfir.domain.canon import Json
from psfir.errors import Busy, Denied, LeverError, NoAnswer, NoSuchTarget, Unreachable
from psfir.range.faulty import Fault, cut_in_body, drip, drip_in_headers, hang, hang_in_body, reset
from psfir.range.front import Front
from psfir.range.server import Asked, Reply, Server
from psfir.testing import FakeConnection
from psfir.testing.certificates import server_side
from psfir.testing.waiting import eventually
from psfir.vendors.kubernetes import Conflict, Invalid, KubernetesClient
from tests.shares import told

PATH = "/apis/apps/v1/namespaces/assistants/deployments/support-agent"
DEPLOYMENT: dict[str, Json] = {"kind": "Deployment", "metadata": {}, "spec": {"replicas": 3}}
TOKEN = "canary-k8s-token-1234"


def kubeconfig(folder: Path, url: str) -> FakeConnection:
    (folder / "kubeconfig").write_text(
        f"""
apiVersion: v1
kind: Config
current-context: here
contexts: [{{name: here, context: {{cluster: here, user: me}}}}]
clusters: [{{name: here, cluster: {{server: "{url}"}}}}]
users: [{{name: me, user: {{token: {TOKEN}}}}}]
"""
    )
    return FakeConnection("prod", "kubernetes", {"kubeconfig": str(folder / "kubeconfig")}, {})


class Api:
    """One object, and every request that came for it."""

    def __init__(self) -> None:
        self.seen: list[Asked] = []
        self.reply = Reply(200, DEPLOYMENT)

    def __call__(self, asked: Asked) -> Reply:
        self.seen.append(asked)
        return self.reply


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def front(api: Api) -> Iterator[Front]:
    with Server(api) as server, Front(server.url) as front:
        yield front


@pytest.fixture
def client(front: Front, tmp_path: Path) -> KubernetesClient:
    made = KubernetesClient(kubeconfig(tmp_path, front.url))
    made.get("/warm", within=20)  # loading the SDK is no part of any share below
    front.seen.clear()
    return made


def status(code: int, message: str, **more: Json) -> Reply:
    return Reply(code, {"kind": "Status", "code": code, "message": message, **more}, {"Retry-After": "7"})


def test_a_write_names_its_manager_and_how_it_patches(client: KubernetesClient, api: Api) -> None:
    """And carries the kubeconfig's token."""
    assert client.patch(PATH, {"spec": {"replicas": 0}}, within=5) == DEPLOYMENT
    asked = api.seen[-1]
    assert (asked.method, asked.path, asked.query) == ("PATCH", PATH, {"fieldManager": "psfir"})
    assert asked.headers["content-type"] == "application/merge-patch+json"
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.json() == {"spec": {"replicas": 0}}


def test_a_list_is_read_page_by_page(tmp_path: Path) -> None:
    """Until the server names no next page."""

    def page(asked: Asked) -> Reply:
        last = asked.query.get("continue") == "two"
        return Reply(
            200,
            {"kind": "PodList", "items": [{"n": 2 if last else 1}], "metadata": {} if last else {"continue": "two"}},
        )

    with Server(page) as server:
        other = KubernetesClient(kubeconfig(tmp_path, server.url))
        assert other.items("/api/v1/pods", within=5) == [{"n": 1}, {"n": 2}]


READ: list[tuple[int, type[LeverError]]] = [
    (401, Denied),
    (403, Denied),
    (404, NoSuchTarget),
    (409, Conflict),
    (422, Invalid),
    (429, Busy),
    (500, Busy),
    (503, Busy),
]


@pytest.mark.parametrize(("code", "error"), READ)
def test_each_status_is_one_error(client: KubernetesClient, api: Api, code: int, error: type[LeverError]) -> None:
    """With the server's own sentence, and the token in none of it."""
    api.reply = status(code, f'cannot patch resource "deployments/scale" {TOKEN}')
    with pytest.raises(error, match="deployments/scale") as refused:
        client.get(PATH, within=5)
    assert TOKEN not in str(refused.value)
    assert refused.value.todo


@pytest.mark.parametrize("code", [500, 503, 504, 408])
def test_a_write_that_broke_may_have_been_carried_out(client: KubernetesClient, api: Api, code: int) -> None:
    """A server that lost its store answers so, and the change may be in."""
    api.reply = status(code, "etcdserver: request timed out")
    with pytest.raises(NoAnswer):
        client.patch(PATH, {}, within=5)


def test_a_conflict_names_who_owns_the_field(client: KubernetesClient, api: Api) -> None:
    """As server-side apply says it."""
    cause = {"reason": "FieldManagerConflict", "message": 'conflict with "argocd"', "field": ".spec.replicas"}
    api.reply = status(409, "Apply failed", details={"causes": [cause]})
    with pytest.raises(Conflict) as refused:
        client.patch(PATH, {}, within=5, how="apply")
    assert refused.value.fields == ('.spec.replicas: conflict with "argocd"',)


def test_a_busy_server_says_when_to_come_back(client: KubernetesClient, api: Api) -> None:
    """In seconds."""
    api.reply = status(429, "too many requests")
    with pytest.raises(Busy) as refused:
        client.get(PATH, within=5)
    assert refused.value.after == 7


@pytest.mark.parametrize("wire", [hang, hang_in_body, cut_in_body, drip, drip_in_headers, reset])
@pytest.mark.parametrize("writes", [True, False])
def test_no_answer_on_the_wire(client: KubernetesClient, front: Front, wire: Any, *, writes: bool) -> None:  # noqa: ANN401 - a fault's own type
    """A write is unknown, a read is not there; both within the share, and a write is sent once."""
    front.fault(Fault("wire", carry=True, wire=wire))

    def call(within: float) -> object:
        return client.patch(PATH, {}, within=within) if writes else client.get(PATH, within=within)

    assert type(told(call, lambda: front.seen)) is (NoAnswer if writes else Unreachable)
    eventually(lambda: front.seen)
    assert len([asked for asked in front.seen if asked.writes]) == int(writes)


def test_a_whole_call_is_held_to_its_share_over_tls_too(api: Api, tmp_path: Path) -> None:
    """Headers that drip over a connection that was kept, and one that the server ends with its answer."""
    tls = server_side(tmp_path)
    with Server(api) as server, Front(server.url, tls=tls) as front:
        made = kubeconfig(tmp_path, front.url)
        path = tmp_path / "kubeconfig"
        path.write_text(path.read_text().replace("server:", f'certificate-authority: "{tmp_path}/ca.pem", server:'))
        client = KubernetesClient(made)
        api.reply = Reply(200, DEPLOYMENT, {"Connection": "close"})
        assert client.get(PATH, within=20) == DEPLOYMENT
        api.reply = Reply(200, DEPLOYMENT)
        assert client.get(PATH, within=20) == DEPLOYMENT
        front.fault(Fault("drips", wire=drip_in_headers))
        said = told(lambda share: client.get(PATH, within=share), lambda: len(front.seen) > 2)
        assert isinstance(said, Unreachable)
        assert "only to be read" in said.what


def test_nothing_was_sent(tmp_path: Path) -> None:
    """Nobody listens there, or the name is nobody's."""
    with Server(Api()) as server:
        url = server.url
    for nowhere in (url, "http://nowhere.invalid"):
        with pytest.raises(Unreachable):
            KubernetesClient(kubeconfig(tmp_path, nowhere)).patch(PATH, {}, within=10)


def test_a_plain_port_spoken_to_with_tls_is_unreachable(front: Front, tmp_path: Path) -> None:
    """Nothing was sent, so the next rung is pulled."""
    with pytest.raises(Unreachable):
        KubernetesClient(kubeconfig(tmp_path, front.url.replace("http", "https"))).patch(PATH, {}, within=10)


@pytest.mark.parametrize("body", [b'{"kind": "Depl', b"<html>sign in</html>", b"[]"])
def test_a_yes_to_a_write_that_cannot_be_read_is_unknown(client: KubernetesClient, api: Api, body: bytes) -> None:
    """It may have been carried out, or something else answered: only a reading tells."""
    api.reply = Reply(200, body)
    writes: tuple[Callable[[], object], ...] = (
        lambda: client.patch(PATH, {}, within=5),
        lambda: client.create(PATH, {}, within=5),
        lambda: client.delete(PATH, within=5),
    )
    for write in writes:
        with pytest.raises(NoAnswer, match="it may have been carried out"):
            write()


def test_an_answer_that_is_no_object_is_an_error(client: KubernetesClient, api: Api) -> None:
    """A proxy's page is no Deployment."""
    api.reply = Reply(200, b"<html>sign in</html>")
    with pytest.raises(LeverError, match="no JSON"):
        client.get(PATH, within=5)


def test_a_kubeconfig_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    """What is wrong with it, and where to look."""
    for settings in ({"kubeconfig": str(tmp_path / "none")}, {"in_cluster": True}):
        client = KubernetesClient(FakeConnection("prod", "kubernetes", settings, {}))
        with pytest.raises(Denied, match="kubeconfig cannot be used") as refused:
            client.get(PATH, within=10)
        assert refused.value.where == "connection prod"


def test_the_server_says_what_one_may(client: KubernetesClient, api: Api) -> None:
    """Only a clear yes is one."""
    for status, allowed in (({"allowed": True}, True), ({"allowed": "true"}, False), ({}, False)):
        api.reply = Reply(201, {"kind": "SelfSubjectAccessReview", "metadata": {}, "status": status})
        assert client.may({"verb": "patch", "resource": "deployments"}, within=10) is allowed


def test_nothing_is_loaded_before_a_call() -> None:
    """Cold start: naming the client costs no SDK."""
    code = "import sys, psfir.vendors.kubernetes; assert not {'kubernetes', 'urllib3', 'requests'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_write_whose_answer_cannot_be_read_is_unknown(client: KubernetesClient, api: Api) -> None:
    """It was answered 200, by whomever: only a reading can tell."""
    api.reply = Reply(200, b"<html>sign in</html>")
    writes: list[Callable[[], object]] = [
        lambda: client.patch(PATH, {}, within=5),
        lambda: client.create(PATH, {}, within=5),
        lambda: client.delete(PATH, within=5),
    ]
    for write in writes:
        with pytest.raises(NoAnswer, match="may have been carried out"):
            write()


@pytest.mark.parametrize(
    "body", [{"status": "ok"}, [], {"kind": "PodList", "metadata": {}, "items": "x"}, {"kind": "PodList"}], ids=repr
)
def test_whoever_answers_something_else_is_no_api_server(client: KubernetesClient, api: Api, body: Json) -> None:
    """A portal's 200 is neither an empty list nor an object without replicas."""
    api.reply = Reply(200, body)
    with pytest.raises(LeverError, match="of Kubernetes"):
        client.items("/api/v1/pods", within=5)


def test_a_line_break_behind_the_token_is_taken_off(front: Front, tmp_path: Path, api: Api) -> None:
    """A file that `echo` wrote ends with one; what else no header may hold is refused, unsaid."""
    made = kubeconfig(tmp_path, front.url)
    path = tmp_path / "kubeconfig"
    plain = path.read_text()
    path.write_text(plain.replace(f"token: {TOKEN}", f'token: "{TOKEN}\\n"'))
    KubernetesClient(made).get(PATH, within=20)
    assert api.seen[-1].headers["authorization"] == f"Bearer {TOKEN}"
    path.write_text(plain.replace(f"token: {TOKEN}", f'token: "{TOKEN}\\nmore"'))
    with pytest.raises(Denied) as refused:
        KubernetesClient(made).get(PATH, within=20)
    assert TOKEN not in str(refused.value)


def test_a_credential_plugin_that_fails_is_said(
    front: Front, tmp_path: Path, api: Api, capfd: pytest.CaptureFixture[str]
) -> None:
    """And nothing is asked as nobody; what the plugin had to say stays unsaid."""
    made = kubeconfig(tmp_path, front.url)
    plugin = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: Never, "
    plugin += 'args: ["-c", "echo refresh=canary-refresh >&2; exit 1"]}}'
    path = tmp_path / "kubeconfig"
    path.write_text(path.read_text().replace(f"{{token: {TOKEN}}}", plugin))
    with pytest.raises(Denied, match="credential plugin"):
        KubernetesClient(made).get(PATH, within=20)
    assert api.seen == []
    assert "canary-refresh" not in "".join(capfd.readouterr())
