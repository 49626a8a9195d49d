"""The rules of the house that a machine can check: size of files, docstrings, names, locks without hosts."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for folder in ("apps", "config", "workers", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts and "node_modules" not in path.parts
)
BANNED_NAMES = {"utils.py", "helpers.py", "misc.py", "manager.py", "managers.py"}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_file_is_longer_than_400_lines() -> None:
    long = {relative(path): lines for path in SOURCES if (lines := len(path.read_text().splitlines())) > 400}
    assert long == {}


def test_every_module_says_what_it_is() -> None:
    silent = [relative(p) for p in SOURCES if p.read_text().strip() and ast.get_docstring(ast.parse(p.read_text())) is None]
    assert silent == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [relative(path) for path in SOURCES if path.name in BANNED_NAMES] == []


def test_locks_name_no_registry_host() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert not [name for name in files if name.endswith(("uv.lock", "poetry.lock"))]
    for name in files:
        if name.endswith("package-lock.json"):
            assert '"resolved"' not in (ROOT / name).read_text(), name
        if name.startswith("requirements/"):
            assert not re.search(r"https?://|--index-url", (ROOT / name).read_text()), name


@pytest.mark.parametrize("app", sorted(p.name for p in (ROOT / "apps").iterdir() if (p / "__init__.py").exists()))
def test_every_app_opens_with_what_it_owns(app: str) -> None:
    text = ast.get_docstring(ast.parse((ROOT / "apps" / app / "__init__.py").read_text())) or ""
    assert "Owns:" in text and "May call:" in text and "Must not:" in text
