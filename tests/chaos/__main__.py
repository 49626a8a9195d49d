"""Faults under load against a product of its own: `python -m tests.chaos --minutes 5 --seed 1`; not 0 when an invariant is broken."""

import argparse
import json
import sys
import time
from pathlib import Path

from rich.console import Console

from tests.chaos.run import run
from tests.product import ROOT


def main(argv: list[str] | None = None) -> int:
    """Runs, prints the report, writes build/chaos.json."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, help="copy the product's logs and the ledger into this directory")
    options = parser.parse_args(argv)
    report = run(options.minutes, options.seed, keep=options.keep)
    report.show(Console(width=160))
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "chaos.json").write_text(json.dumps(report.plain(), indent=1))
    return 1 if report.violations else 0


if __name__ == "__main__":
    sys.exit(main())
