"""The language needs no framework and nothing else of ours."""

import ast
import subprocess
import sys
from pathlib import Path

import apps.engine.expression

PACKAGE = Path(apps.engine.expression.__file__).parent


def test_it_renders_where_django_cannot_be_imported() -> None:
    program = "import sys\nfor name in ('django', 'rest_framework', 'celery', 'pydantic'): sys.modules[name] = None\n"
    program += "from apps.engine.expression import Scope, render\nprint(render('{{ a | upper }}', Scope({'a': 'ok'})))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=PACKAGE.parents[2])
    assert done.stdout.strip() == "OK"


def test_it_imports_nothing_of_ours_but_itself() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [each.name for each in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            for name in names:
                assert not name.startswith("apps.") or name.startswith("apps.engine.expression"), f"{path}: {name}"


def test_nothing_reads_the_clock_or_draws_random_numbers() -> None:
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        clocks = ["datetime.now(", "time.time(", "uuid4(", "urandom", "import random", "import secrets"]
        allowed = {"environment.py": ["datetime.now("]}.get(path.name, [])
        assert [word for word in clocks if word in text and word not in allowed] == [], path
