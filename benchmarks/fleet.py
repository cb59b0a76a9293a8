"""A thousand rungs over HTTP, five hundred on AWS and on Kubernetes, beside the same calls from bare clients.

Both sides are processes that are up and warm, and told to go in turn: what is measured is the work, with its plan, its
record and its proof, and neither the interpreter's start nor the reading of YAML. The processor's time beside that of
chaostoolkit is of whole commands.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from benchmarks.frame import CHECKOUT, Absent, Figure, Pair, command, compare, psfir, serving
from benchmarks.kill import KUBECONFIG
from benchmarks.peers import CHAOSTOOLKIT, NotHere, installed
from benchmarks.rungs import HEAD, STEP, TAIL

HERE = Path(__file__).parent
CHAOS = CHAOSTOOLKIT[0].replace("==", " ")
CPU_RUNGS = 250
RUNS = 5

WORKSPACE = """\
schema: psfir.workspace/1
name: Bench
people:
  dana: {{name: Dana, roles: [on_call]}}
connections:
  gw: {connection}
  health: {{kind: http, url: "{url}"}}
systems:
  assistant: {{title: Assistant, owner: dana, runbooks: {{disable: many}}}}
"""

ON_AWS = """\
  - id: stop-{i}
    ladder:
      - lever: aws.ssm_parameter
        target: {{connection: gw, parameter: model-{i}}}
        set: {{value: small}}
        within: 30s
"""

ON_KUBERNETES = """\
  - id: stop-{i}
    ladder:
      - lever: kubernetes.replicas
        target: {{connection: gw, namespace: bench, deployment: agent-{i}}}
        set: {{replicas: 0}}
        within: 30s
"""

PROOF = TAIL.replace("connection: gw", "connection: health")


@dataclass(frozen=True)
class Case:
    """What is pulled, how often, over which connection, and by which bare client the same calls are made."""

    name: str
    rungs: int
    connection: str
    step: str
    client: str
    peer: str
    aim: float


AWS = (
    '{{kind: aws, region: eu-west-1, endpoint_url: "{url}", '
    "access_key_id: env:BENCH_ID, secret_access_key: env:BENCH_KEY}}"
)
CASES = (
    Case("1,000 rungs over HTTP", 1000, '{{kind: http, url: "{url}"}}', STEP, "http", "a pool of 32 threads", 1.15),
    Case("500 rungs on AWS", 500, AWS, ON_AWS, "boto3", "one boto3 client, 32 threads", 1.15),
    Case(
        "500 rungs on Kubernetes",
        500,
        "{{kind: kubernetes, kubeconfig: kubeconfig}}",
        ON_KUBERNETES,
        "kubernetes",
        "one official ApiClient, 32 threads",
        1.15,
    ),
)


def figures() -> list[Figure | Absent]:
    return [*(_warm(case) for case in CASES), _cpu()]


def _warm(case: Case) -> Figure:
    with serving("-m", "benchmarks.fleet_server") as url, TemporaryDirectory() as folder:
        root = Path(folder)
        _lay_out(root, case, url)
        with _child("-m", "benchmarks.fleet_kill", folder, root=root) as ours:
            _ask(url, "/reset")
            ours()
            calls = _ask(url, "/requests").split()
            with _child(str(HERE / "peer_fleet.py"), case.client, url, *calls, root=root) as theirs:

                def held(work: Callable[[], None]) -> Callable[[], None]:
                    def run() -> None:
                        work()
                        if (made := len(_ask(url, "/requests").split())) < len(calls):
                            raise RuntimeError(f"{made} calls were made where there should be {len(calls)}")

                    return run

                name = f"{case.name}, {len(calls):,} calls of 20 ms"

                def before() -> None:
                    _ask(url, "/reset")

                pair = Pair(name, held(ours), f"{case.peer}, nothing written down", held(theirs), case.aim, before)
                return compare(pair, runs=RUNS)


def _cpu() -> Figure | Absent:
    """Of whole commands, interpreter and all, for the same requests: the processor's time, not the wall's."""
    case = CASES[0]
    with serving("-m", "benchmarks.fleet_server") as url, TemporaryDirectory() as folder:
        root = Path(folder)
        _lay_out(root, case, url, rungs=CPU_RUNGS)
        env = _env(root)
        kill = command([psfir(), "kill", "assistant", "--yes", "-w", folder], cwd=root, env=env)
        kill()
        calls = _ask(url, "/requests").split()
        name = f"CPU of {CPU_RUNGS} rungs over HTTP, {len(calls):,} calls"
        peer = f"{CHAOS}, all in the background"
        try:
            chaos = installed(*CHAOSTOOLKIT, program="chaos")
        except NotHere as error:
            return Absent(name, peer, str(error))
        experiment = root / "experiment.json"
        experiment.write_text(json.dumps(_experiment(url, calls)))
        words = [str(chaos), "--no-version-check", "--no-log-file", "run", "--no-validation", str(experiment)]
        theirs = command(words, cwd=root)

        def anew() -> None:
            command(["rm", "-rf", str(root / ".psfir")])()
            _ask(url, "/reset")

        return compare(Pair(name, kill, peer, theirs, 1 / 3, anew, timer=_used), runs=RUNS)


def _used() -> float:
    """Seconds of CPU of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _lay_out(root: Path, case: Case, url: str, *, rungs: int = 0) -> None:
    (root / "runbooks").mkdir()
    (root / "psfir.yaml").write_text(WORKSPACE.format(connection=case.connection.format(url=url), url=url))
    steps = "".join(case.step.format(i=i) for i in range(rungs or case.rungs))
    (root / "runbooks" / "many.yaml").write_text(HEAD + steps + PROOF)
    (root / "kubeconfig").write_text(KUBECONFIG.format(url=url))


def _env(root: Path) -> dict[str, str]:
    keys = {"BENCH_ID": "AKIDEXAMPLE12345", "BENCH_KEY": "a-secret-of-the-bench"}
    return {"PATH": os.environ["PATH"], "HOME": str(root), "PSFIR_ME": "dana", "PYTHONPATH": str(CHECKOUT), **keys}


@contextmanager
def _child(*words: str, root: Path) -> Iterator[Callable[[], None]]:
    """A process that is up while the block runs, and does its work once each time it is called."""
    pipe = subprocess.PIPE
    child = subprocess.Popen([sys.executable, *words], cwd=root, env=_env(root), stdin=pipe, stdout=pipe, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    says, hears = child.stdin, child.stdout

    def go() -> None:
        says.write("go\n")
        says.flush()
        if not hears.readline():
            raise RuntimeError(f"{words[0]} {words[1]} has ended")

    if hears.readline().strip() != "ready":
        raise RuntimeError(f"{words[0]} {words[1]} did not start")
    try:
        yield go
    finally:
        says.close()
        child.wait(timeout=30)


def _experiment(url: str, calls: Sequence[str]) -> dict[str, object]:
    """The calls as actions of chaostoolkit's own HTTP provider; in the background it keeps no order among them."""
    method = []
    for number, call in enumerate(calls):
        word, _, path = call.partition(":")
        provider: dict[str, object] = {"type": "http", "url": url + path, "method": word, "timeout": 30}
        if word == "PUT":
            provider |= {"headers": {"Content-Type": "application/json"}, "arguments": {"enabled": False}}
        method.append({"type": "action", "name": f"call-{number}", "background": True, "provider": provider})
    return {"title": "Many switches", "description": "Off", "method": method, "rollbacks": []}


def _ask(url: str, path: str) -> str:
    with urlopen(url + path) as answer:
        text: str = answer.read().decode()
        return text
