"""`penstock`: the entry point of the command line."""

import typer

from apps.cli import execution, flow, namespace, server

app = typer.Typer(
    name="penstock",
    help="Run Penstock, and drive it through its API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(server.app, name="server", help="Start servers.")
app.add_typer(flow.app, name="flow", help="Flows.")
app.add_typer(execution.app, name="execution", help="Executions.")
app.add_typer(namespace.app, name="namespace", help="Namespaces and their files.")

if __name__ == "__main__":
    app()
