"""The `jq` filter: simple paths are walked here, other programs run in libjq where their cost is bounded, the rest in a box.

Owns: how a user's jq program is run without reaching files, environment, unbounded time or memory.
May call: libjq, and one child process of its own for programs whose cost cannot be bounded beforehand.
Must not: hand libjq a program that names the environment, modules or the machine.
"""

from apps.engine.expression.jq.runner import run

__all__ = ["run"]
