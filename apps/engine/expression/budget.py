"""What one rendering may use, counted, never timed, so that the same template always ends the same way."""

from apps.engine.expression.errors import OverBudget

MAX_SOURCE = 64 * 1024
MAX_STEPS = 100_000
MAX_DEPTH = 64
MAX_CHAIN = 200
MAX_RESULT = 1024 * 1024
MAX_MEMORY = 16 * 1024 * 1024
MAX_RENDERS = 10
ITEM = 8
"""What one element of a list or map is charged, in bytes."""


class Budget:
    """The steps and bytes left to one rendering, shared with what `render()` renders inside it."""

    __slots__ = ("depth", "memory", "renders", "steps")

    def __init__(self, steps: int = MAX_STEPS, memory: int = MAX_MEMORY) -> None:
        self.steps = steps
        self.memory = memory
        self.depth = 0
        self.renders = 0

    def step(self, count: int = 1) -> None:
        """Pay for `count` units of work."""
        self.steps -= count
        if self.steps < 0:
            raise OverBudget(f"The expression needs more than {MAX_STEPS} steps", "Do less in one expression: move the work into a task.")

    def allocate(self, size: int) -> None:
        """Pay for `size` bytes before they are made."""
        self.memory -= size
        if self.memory < 0:
            raise OverBudget(
                f"The expression needs more than {MAX_MEMORY // (1024 * 1024)} MiB of memory",
                "Keep large data in files and pass their URIs.",
            )

    def items(self, count: int) -> None:
        """Pay for walking over and keeping `count` elements."""
        self.step(count)
        self.allocate(count * ITEM)

    def enter(self) -> None:
        """One level deeper into macros or nested values."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise OverBudget(f"The expression nests deeper than {MAX_DEPTH} levels")

    def leave(self) -> None:
        """One level up again."""
        self.depth -= 1


def too_long(size: int) -> OverBudget:
    """The refusal of a result of `size` characters."""
    return OverBudget(
        f"The result is larger than {MAX_RESULT // 1024} KiB ({size} characters)", "Write large results to a file and pass its URI."
    )
