"""`penstock server …`: the roles, each a process, and the supervisor that runs them together.

A role imports its own world only when it starts: the command line itself must start fast and without Django.
"""

from importlib import import_module
from typing import Annotated

import typer

from apps.cli.local.processes import StartError
from apps.cli.local.supervisor import run_local, run_standalone
from config.environment import environment

app = typer.Typer(no_args_is_help=True)


def refuse(error: Exception) -> typer.Exit:
    """One clear line, and an exit code that is not 0."""
    typer.secho(f"penstock: {error}", fg="red", err=True)
    return typer.Exit(1)


@app.command()
def local() -> None:
    """Everything on this machine: embedded PostgreSQL and Valkey (unless their URLs are set) and the four roles."""
    try:
        code = run_local(environment())
    except StartError as error:
        raise refuse(error) from error
    raise typer.Exit(code)


@app.command()
def standalone() -> None:
    """The four roles, on your PostgreSQL and Redis."""
    try:
        code = run_standalone(environment())
    except StartError as error:
        raise refuse(error) from error
    raise typer.Exit(code)


@app.command()
def web() -> None:
    """The API, the browser workspace and the worker gateway; the management port beside it."""
    run_role("web")


@app.command()
def executor() -> None:
    """Moves executions on; start as many as you like."""
    run_role("executor")


@app.command()
def scheduler() -> None:
    """Fires schedules, timers and sweeps; start as many as you like, nothing fires twice."""
    run_role("scheduler")


@app.command()
def worker(
    worker_group: Annotated[str, typer.Option(help="The group whose work it takes.")] = "default",
    threads: Annotated[int, typer.Option(help="How many task runs at once; 0: by the number of processors.")] = 0,
) -> None:
    """Runs task runs; needs the server's address and a worker token, no database."""
    arguments = ["--worker-group", worker_group, "--threads", str(threads or environment().worker_threads)]
    raise typer.Exit(import_module("workers.main").main(arguments))


@app.command()
def prepare() -> None:
    """Brings the database to this release and makes the first superadmin, or prints the one-time set-up token."""
    try:
        run_role("prepare")
    except Exception as error:
        raise refuse(error) from error


def run_role(name: str) -> None:
    """Imports a role's world, Django and all, only now, and runs it."""
    import_module(f"apps.cli.roles.{name}").run()
