"""How results are printed: tables for people, JSON and YAML for programs; errors on standard error."""

import json
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, NoReturn

import typer
import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

STYLES = {
    "SUCCESS": "green",
    "WARNING": "yellow",
    "FAILED": "red",
    "KILLED": "red",
    "CANCELLED": "red",
    "RUNNING": "cyan",
    "PAUSED": "magenta",
    "ERROR": "red",
    "WARN": "yellow",
    "INFO": "cyan",
}


class Format(StrEnum):
    """Output formats."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def console() -> Console:
    """Standard output; colours only on a terminal and without NO_COLOR."""
    return Console(highlight=False, soft_wrap=True)


def fail(message: str, code: int = 1) -> NoReturn:
    """Ends the command with one clear message."""
    typer.secho(f"penstock: {message}", fg="red" if sys.stderr.isatty() else None, err=True)
    raise typer.Exit(code)


def styled(value: Any) -> Text:
    """A cell; states and levels in their colour."""
    text = "" if value is None else str(value)
    return Text(text, style=STYLES.get(text, ""))


def show(value: Any, output: Format, columns: Mapping[str, Any] | None = None) -> None:
    """Prints rows as a table of `columns` (title → function of a row), or any value as JSON or YAML."""
    if output is Format.JSON or (columns is None and output is Format.TABLE):
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    elif output is Format.YAML:
        sys.stdout.write(yaml.safe_dump(value, sort_keys=False, allow_unicode=True))
    else:
        show_table(value, columns or {})


def show_table(rows: Sequence[Any], columns: Mapping[str, Any]) -> None:
    """A plain table; says so when there is nothing."""
    if not rows:
        console().print("nothing found")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in columns:
        table.add_column(title, no_wrap=True)
    for row in rows:
        table.add_row(*(styled(read(row)) for read in columns.values()))
    console().print(table)
