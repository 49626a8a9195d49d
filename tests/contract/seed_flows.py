"""`make seed-flows`: every seed flow that this machine can run, on a running product, with its state and its effect checked."""

import argparse
import csv
import http.server
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml
from rich.console import Console
from rich.table import Table

from tests.contract.conformance import DEVIATIONS
from tests.product import ROOT, running

TABLE = ROOT / "tests" / "contract" / "seed_flows.yaml"
TERMINAL = ("SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED")
PRODUCTS = b'{"products": [{"brand": "A", "price": 2}, {"brand": "B", "price": 4}]}'


@dataclass
class Outcome:
    """One line of the table."""

    file: str
    expected: str
    got: str
    effect: str

    @property
    def right(self) -> bool:
        """Whether state and effect are as INDEX.tsv says."""
        return self.effect == "yes"


class Loopback(http.server.BaseHTTPRequestHandler):
    """Stands for the addresses outside: `/products` and `/orders.csv`."""

    def do_GET(self) -> None:
        """Answers any GET."""
        body, kind = (b"order_id,total\n1,10\n", "text/csv") if self.path.endswith(".csv") else (PRODUCTS, "application/json")
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Silent."""


class Server:
    """The API of the product under test, as a script would call it."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self.root = f"{url}/api/v1/main"
        self.session = requests.Session()
        self.session.auth = (user, password)

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request."""
        return self.session.request(method, self.root + path, timeout=60, **options)

    def finished(self, execution_id: str, seconds: float = 60) -> dict[str, Any]:
        """The execution when it has ended, or as it is when the time is over."""
        deadline = time.monotonic() + seconds
        while True:
            execution: dict[str, Any] = self.call("GET", f"/executions/{execution_id}").json()
            if execution["state"]["current"] in TERMINAL or time.monotonic() > deadline:
                return execution
            time.sleep(0.1)


def recorded(shared: Path, server: Server, user: str, password: str) -> list[Outcome]:
    """The area `seeds` of the recorded runner: what a real Kestra did with 74 of the flows."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        runner = shared / "conformance" / "conform.py"
        command = [
            sys.executable,
            str(runner),
            "check",
            "--base-url",
            server.url,
            "--tenant",
            "main",
            "--user",
            user,
            "--password",
            password,
        ]
        command += ["--cases", "seeds", "--jobs", "8", "--quiet", "--settle", "0.2", "--flow-delay", "0.1"]
        subprocess.run([*command, "--deviations", str(DEVIATIONS), "--report", report.name], check=False)
        results = json.loads(Path(report.name).read_text())
    states = {row["file"].removesuffix(".yaml"): row["expected_state"] for row in index(shared)}
    return [outcome_of(result, states) for result in results]


def outcome_of(result: dict[str, Any], states: dict[str, str]) -> Outcome:
    """A case of the recorded runner as a line of ours."""
    name = result["case"].partition("/")[2]
    same = result["pass"]
    return Outcome(name, states.get(name, ""), "as Kestra" if same else "; ".join(result["differences"])[:80], "yes" if same else "NO")


def index(shared: Path) -> list[dict[str, str]]:
    """INDEX.tsv."""
    with (shared / "seed-flows" / "INDEX.tsv").open() as file:
        return list(csv.DictReader(file, delimiter="\t"))


def run_one(name: str, spec: dict[str, Any], folder: Path, server: Server, loopback: str) -> Outcome:
    """Saves a flow as its file has it, runs it, compares state and effect."""
    source = prepared(folder / f"{name}.yaml", spec, loopback)
    arrange(spec, server)
    flow = yaml.safe_load(source.replace("[[>", "")) or {}
    saved = save(server, flow, source)
    if saved.status_code >= 400:
        return judge(name, spec, "refused", saved.text, {})
    started = server.call("POST", f"/executions/{flow['namespace']}/{flow['id']}")
    if started.status_code >= 400:
        return judge(name, spec, "refused", started.text, {})
    execution = server.finished(started.json()["id"])
    lines = server.call("GET", f"/logs/{execution['id']}", params={"minLevel": "TRACE"}).json()
    outputs = {run["taskId"]: run.get("outputs") or {} for run in execution.get("taskRunList") or []}
    return judge(name, spec, execution["state"]["current"], "\n".join(line.get("message") or "" for line in lines), outputs)


def prepared(path: Path, spec: dict[str, Any], loopback: str) -> str:
    """The source with outside addresses replaced; includes are resolved by our own command line."""
    source = path.read_text()
    for old, new in spec.get("replace", {}).items():
        source = source.replace(old, new.format(http=loopback))
    if not spec.get("files"):
        return source
    with tempfile.TemporaryDirectory() as directory:
        for name, content in spec["files"].items():
            (Path(directory) / name).write_text(content)
        (Path(directory) / path.name).write_text(source)
        command = [sys.executable, "-m", "apps.cli.main", "flow", "expand", str(Path(directory) / path.name)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def arrange(spec: dict[str, Any], server: Server) -> None:
    """Key-value pairs and templates that a flow needs."""
    for place, value in spec.get("kv", {}).items():
        namespace, key = place.split("/")
        server.call("PUT", f"/namespaces/{namespace}/kv/{key}", data=json.dumps(value), headers={"Content-Type": "application/json"})
    for place in spec.get("no_kv", []):
        namespace, key = place.split("/")
        server.call("DELETE", f"/namespaces/{namespace}/kv/{key}")
    for template in spec.get("templates", []):
        server.call("POST", "/templates", data=yaml.safe_dump(template).encode(), headers={"Content-Type": "application/x-yaml"})


def save(server: Server, flow: dict[str, Any], source: str) -> requests.Response:
    """Creates the flow, or updates it: several seed flows share an id."""
    headers = {"Content-Type": "application/x-yaml"}
    created = server.call("POST", "/flows", data=source.encode(), headers=headers)
    if created.status_code < 400 or "already exists" not in created.text.lower():
        return created
    return server.call("PUT", f"/flows/{flow['namespace']}/{flow['id']}", data=source.encode(), headers=headers)


def judge(name: str, spec: dict[str, Any], state: str, text: str, outputs: dict[str, Any]) -> Outcome:
    """Compares with the table."""
    wrong = [] if state in spec["state"].split(" or ") else [f"state {state}"]
    if spec.get("log") and spec["log"].lower() not in text.lower():
        wrong.append(f"no {spec['log']!r} in {text[-120:]!r}")
    for task, wanted in spec.get("outputs", {}).items():
        wrong += differences(task, wanted, outputs.get(task))
    return Outcome(name, spec["state"], state, "; ".join(wrong) or "yes")


def differences(place: str, wanted: Any, got: Any) -> list[str]:
    """Where `got` lacks what is wanted; further keys are fine."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        return [text for key, value in wanted.items() for text in differences(f"{place}.{key}", value, got.get(key))]
    return [] if wanted == got else [f"{place} is {str(got)[:60]!r}"]


def print_table(outcomes: list[Outcome]) -> None:
    """File, expected, got, effect checked."""
    table = Table(box=None, pad_edge=False)
    for title in ("file", "expected", "got", "effect checked"):
        table.add_column(title, overflow="fold")
    for outcome in outcomes:
        table.add_row(outcome.file, outcome.expected[:60], outcome.got, outcome.effect, style="" if outcome.right else "bold red")
    Console(width=180).print(table)


def beyond_recorded(shared: Path, server: Server) -> list[Outcome]:
    """The flows of our own table, with a loopback server for the addresses outside."""
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Loopback)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    loopback = f"http://127.0.0.1:{listener.server_port}"
    table = yaml.safe_load(TABLE.read_text())
    outcomes = [run_one(name, spec, shared / "seed-flows", server, loopback) for name, spec in table.items()]
    listener.shutdown()
    return outcomes


def run_all(shared: Path, url: str, user: str, password: str) -> list[Outcome]:
    """All eligible flows on one server."""
    server = Server(url, user, password)
    outcomes = recorded(shared, server, user, password) + beyond_recorded(shared, server)
    return sorted(outcomes, key=lambda outcome: outcome.file)


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0 when every flow is right."""
    parser = argparse.ArgumentParser(prog="seed_flows", description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--base-url", default="")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    options = parser.parse_args(argv)
    if options.base_url:
        outcomes = run_all(options.shared, options.base_url, options.user, options.password)
    else:
        with running() as product:
            outcomes = run_all(options.shared, product.url, product.username, product.password)
    print_table(outcomes)
    wrong = sum(not outcome.right for outcome in outcomes)
    print(f"{len(outcomes) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
