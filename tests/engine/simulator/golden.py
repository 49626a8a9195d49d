"""Runs recorded cases of the conformance suite against the engine in this process, without a server.

    python -m tests.engine.simulator.golden 'retries/*' 'flowable/*'      prints each case that differs, and a count

The suite is looked for in $PENSTOCK_CONFORMANCE, else beside the repository.
"""

import argparse
import importlib.util
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from tests.engine.simulator.api import FakeServer, FakeTime
from tests.engine.simulator.workers import Unknown, work
from tests.engine.simulator.world import World

ROOT = Path(__file__).resolve().parents[3]
SUITE = Path(os.environ.get("PENSTOCK_CONFORMANCE", ROOT.parent / "shared" / "conformance"))
OWN_DEVIATIONS = ROOT / "tests" / "contract" / "deviations.yaml"


def available() -> bool:
    """Whether the suite is there."""
    return (SUITE / "conform.py").exists()


def load_runner() -> ModuleType:
    """The suite's own runner, as a module."""
    spec = importlib.util.spec_from_file_location("conform", SUITE / "conform.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["conform"] = module
    spec.loader.exec_module(module)
    return module


def deviations() -> dict[str, dict[str, Any]]:
    """The suite's agreed differences, and ours."""
    found: dict[str, dict[str, Any]] = {}
    for path in (SUITE / "deviations.yaml", OWN_DEVIATIONS):
        if path.exists():
            found.update(yaml.safe_load(path.read_text()) or {})
    return found


def run_case(conform: Any, name: str) -> list[str]:
    """The differences of one case; a case that needs tasks we have no fake for raises `Unknown`."""
    area, _, stem = name.partition("/")
    path = SUITE / "cases" / area / f"{stem}.yaml"
    spec = yaml.safe_load(path.read_text())
    golden = json.loads((SUITE / "golden" / area / f"{stem}.json").read_text())
    agreed = deviations().get(name) or {}
    if agreed.get("skip"):
        return []
    world = World(datetime.now(UTC), work)
    conform.time = FakeTime(world)
    api = conform.Api("http://fake")
    api.call = FakeServer(world).call
    preset = json.loads((SUITE / "golden" / "meta.json").read_text())
    args = argparse.Namespace(timeout_scale=1.0, timeout=60, settle=0.6, flow_delay=0.6, keep=True)
    run = conform.CaseRun(conform.Case(area, stem, spec, path), api, conform.Capabilities(api, preset), "http://mock", args)
    result = {"case": name, **run.run()}
    ignore = conform.as_list(spec.get("ignore")) + conform.as_list(agreed.get("ignore"))
    return list(conform.diff(golden, json.loads(json.dumps(result, default=str)), "", ignore))


def names(patterns: list[str]) -> list[str]:
    """The cases that match."""
    found = [path for pattern in patterns for path in sorted((SUITE / "cases").glob(f"{pattern}.yaml"))]
    return [f"{path.parent.name}/{path.stem}" for path in found]


def main() -> int:
    """Run and print."""
    conform = load_runner()
    passed = failed = unknown = 0
    for name in names(sys.argv[1:] or ["*/*"]):
        try:
            differences = run_case(conform, name)
        except (Unknown, NotImplementedError) as missing:
            unknown += 1
            print(f"  ?  {name}: {missing}")
            continue
        except Exception as error:
            if "-x" in os.environ.get("GOLDEN", ""):
                raise
            differences = [f"{type(error).__name__}: {error}"]
        passed, failed = (passed + 1, failed) if not differences else (passed, failed + 1)
        if differences:
            print(f"FAIL {name}")
            for line in differences[:12]:
                print(f"       {line}")
    print(f"{passed} passed, {failed} failed, {unknown} not run")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
