"""The speed goals W1 to W8 through the API of a product that this starts, W6 and W7, and two calibrators of the same run."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import redis
import requests
from rich.console import Console
from rich.table import Table

from apps.cli.local.postgres import Postgres
from apps.cli.local.supervisor import socket_directory
from tests.product import ROOT, Product, running

TARGETS = {"W1": 0.5, "W2": 0.4, "W3": 0.5, "W4": 0.020, "W5": 900.0, "W6": 1.2, "W7": 400.0, "W8": 1.0}
UNITS = {"W1": "s", "W2": "s", "W3": "s", "W4": "s", "W5": "task runs/s", "W6": "ratio", "W7": "MiB", "W8": "s above fork and exec"}
RETURN = "io.kestra.plugin.core.debug.Return"


def commits(product: Product, count: int = 1000) -> float:
    """Seconds for `count` one-row commits on the product's own PostgreSQL."""
    data = product.directory / "data"
    url = Postgres(data / "postgres", socket_directory(data)).url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table if not exists calibrator (id bigserial primary key, text text)")
        began = time.perf_counter()
        for number in range(count):
            connection.execute("insert into calibrator (text) values (%s)", [str(number)])
        seconds = time.perf_counter() - began
        connection.execute("drop table calibrator")
    return seconds


def messages(product: Product, count: int = 500) -> float:
    """Seconds for `count` messages there and back on the product's own Valkey."""
    client = redis.Redis(unix_socket_path=str(socket_directory(product.directory / "data") / "valkey.sock"))
    began = time.perf_counter()
    for number in range(count):
        client.lpush("calibrator", str(number))
        client.brpop(["calibrator"], timeout=1)
    return time.perf_counter() - began


def fork_and_exec(count: int = 100) -> float:
    """Seconds for `count` runs of `/bin/sh -c true`, what W8 can't be below."""
    began = time.perf_counter()
    for _ in range(count):
        subprocess.run(["/bin/sh", "-c", "true"], check=True)
    return time.perf_counter() - began


def memory(pid: int) -> float:
    """PSS in MiB of a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                children.setdefault(int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]), []).append(int(entry.name))
            except OSError:
                continue
    total, todo = 0, [pid]
    while todo:
        current = todo.pop()
        todo += children.get(current, [])
        try:
            total += next(int(x.split()[1]) for x in Path(f"/proc/{current}/smaps_rollup").read_text().splitlines() if x.startswith("Pss:"))
        except OSError:
            continue
    return total / 1024


def for_each(product: Product, size: int) -> float:
    """Seconds a task run of one ForEach over `size` values."""
    root, session = f"{product.url}/api/v1/main", requests.Session()
    session.auth = (product.username, product.password)
    source = (
        f"id: cost{size}\nnamespace: bench.w\ntasks:\n- id: each\n  type: io.kestra.plugin.core.flow.ForEach\n  concurrencyLimit: 0\n"
        f'  values: "{{{{ range(1, {size}) }}}}"\n  tasks:\n  - {{id: a, type: {RETURN}, format: x}}\n'
    )
    session.post(f"{root}/flows", data=source.encode(), headers={"Content-Type": "application/x-yaml"}).raise_for_status()
    began = time.time()
    execution = session.post(f"{root}/executions/bench.w/cost{size}").json()["id"]
    while True:
        answer = session.get(f"{root}/executions/search", params={"flowId": f"cost{size}", "namespace": "bench.w"}).json()
        state = next((e["state"]["current"] for e in answer["results"] if e["id"] == execution), "CREATED")
        if state in ("SUCCESS", "FAILED", "KILLED", "WARNING"):
            return (time.time() - began) / size if state == "SUCCESS" else float("nan")
        time.sleep(max(0.05, size / 20_000))


def recorded_workloads(shared: Path, product: Product, only: str, sustain: float) -> dict[str, Any]:
    """What `w.py` prints: the same program that measured Kestra."""
    assert product.process is not None
    command = [sys.executable, str(shared / "bench" / "w.py"), "--base-url", product.url, "--tenant", "main", "--user", product.username]
    command += ["--password", product.password, "--pids", str(product.process.pid), "--sustain", str(sustain)]
    done = subprocess.run(command + (["--only", only] if only else []), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def figures(shared: Path, product: Product, only: str, sustain: float, big: int) -> dict[str, float]:
    """All goals' figures in the units of the table."""
    assert product.process is not None
    time.sleep(3)
    found = {"W7": memory(product.process.pid)}
    raw = recorded_workloads(shared, product, only, sustain)
    found |= {name: raw[name]["median"] for name in ("W1", "W2", "W3", "W4") if name in raw}
    if "W8" in raw:
        found["W8"] = raw["W8"]["median"] - fork_and_exec()
    if "W5" in raw:
        found["W5"], found["W5 p95"] = raw["W5"]["task_runs_per_s"], raw["W5"]["p95_created_to_running"]
    if big:
        found["W6"] = for_each(product, big) / statistics.median(for_each_rounds(product))
    return found


def for_each_rounds(product: Product) -> list[float]:
    """The small ForEach, several times, because one takes only a moment."""
    return [for_each(product, size) for size in (100, 101, 102)]


def show(found: dict[str, float], calibrators: dict[str, float]) -> None:
    """Times against targets, and ratios to the calibrators, which are what can be compared between machines."""
    table = Table(box=None)
    for title in ("", "figure", "unit", "target", "/ 1,000 commits", "/ 500 messages"):
        table.add_column(title)
    for name, value in sorted(found.items()):
        timed = UNITS.get(name, "").startswith("s")
        ratios = [f"{value / seconds:.2f}" if timed else "" for seconds in calibrators.values()]
        table.add_row(name, f"{value:.3f}", UNITS.get(name, "s"), str(TARGETS.get(name, "")), *ratios)
    Console(width=140).print(table)


def main(argv: list[str] | None = None) -> None:
    """Prints the table and writes build/bench.json."""
    parser = argparse.ArgumentParser(prog="workloads", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("SHARED", ROOT.parent / "shared")))
    parser.add_argument("--only", default="")
    parser.add_argument("--sustain", type=float, default=60)
    parser.add_argument("--big", type=int, default=10_000, help="the large ForEach of W6; 0: leave it out")
    options = parser.parse_args(argv)
    with running() as product:
        calibrators = {"commits": commits(product), "messages": messages(product)}
        found = figures(options.shared, product, options.only, options.sustain, options.big)
    show(found, calibrators)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "bench.json").write_text(json.dumps({"figures": found, "calibrators": calibrators}, indent=1))


if __name__ == "__main__":
    main()
