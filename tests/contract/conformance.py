"""`make conformance`: starts the product and lets the recorded runner compare it with what a real Kestra did."""

import argparse
import subprocess
import sys
from pathlib import Path

from tests.product import ROOT, Product, running

DEVIATIONS = ROOT / "tests" / "contract" / "deviations.yaml"
API_DEVIATIONS = ROOT / "tests" / "contract" / "api-deviations.yaml"


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="the folder that holds conformance/")
    parser.add_argument("--cases", default="", help="globs of cases, comma separated; all without it")
    parser.add_argument("--jobs", default="8")
    parser.add_argument("--skip-api", action="store_true", help="flow cases and expressions only")
    parser.add_argument("--base-url", default="", help="a server that runs already, with --user and --password")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    return parser.parse_args(argv)


def check_flows(shared: Path, url: str, user: str, password: str, cases: str, jobs: str) -> int:
    """The flow cases and expressions; the runner's exit code."""
    command = [sys.executable, str(shared / "conformance" / "conform.py"), "check", "--base-url", url, "--tenant", "main", "--user", user]
    command += [
        "--password",
        password,
        "--jobs",
        jobs,
        "--settle",
        "0.2",
        "--flow-delay",
        "0.1",
        "--quiet",
        "--deviations",
        str(DEVIATIONS),
    ]
    return subprocess.run(command + (["--cases", cases] if cases else []), check=False).returncode


def check_api(shared: Path, url: str, user: str, password: str) -> int:
    """The recorded answers of the REST API, at the addresses without a tenant that were recorded; the runner's exit code."""
    runner = [sys.executable, str(shared / "conformance" / "api" / "api.py"), "check", "--base-url", url]
    return subprocess.run([*runner, "--user", user, "--password", password, "--deviations", str(API_DEVIATIONS)], check=False).returncode


def check(options: argparse.Namespace, url: str, user: str, password: str) -> int:
    """Everything that was asked for; 0 only if all is equal."""
    code = check_flows(options.shared, url, user, password, options.cases, options.jobs)
    return code if options.skip_api else (code | check_api(options.shared, url, user, password))


def main(argv: list[str] | None = None) -> int:
    """The exit code: 0 when everything is equal, less the deviations."""
    options = arguments(argv)
    if options.base_url:
        return check(options, options.base_url, options.user, options.password)
    # Four recorded executions sleep on a worker's thread each.
    with running(PENSTOCK_WORKER_THREADS="8") as product:
        return check_product(options, product)


def check_product(options: argparse.Namespace, product: Product) -> int:
    """Against a product that we started."""
    return check(options, product.url, product.username, product.password)


if __name__ == "__main__":
    sys.exit(main())
