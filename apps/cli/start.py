"""Starts a role without the command line: `python -m apps.cli.start server web`, as the supervisor does.

The commands for people bring a terminal library and an HTTP client, which a role would carry for all its life.
"""

import sys
from importlib import import_module

from config.environment import environment


def start(name: str) -> int:
    """Runs one role until told to end; the exit code."""
    if name == "worker":
        arguments = ["--threads", str(environment().worker_threads)]
        return int(import_module("workers.main").main(arguments))
    import_module(f"apps.cli.roles.{name}").run()
    return 0


def main(arguments: list[str]) -> int:
    """`server <role>`."""
    if len(arguments) != 2 or arguments[0] != "server" or arguments[1] not in ("web", "executor", "scheduler", "worker"):
        sys.stderr.write("penstock: start a role with `penstock server web|executor|scheduler|worker`\n")
        return 2
    return start(arguments[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
