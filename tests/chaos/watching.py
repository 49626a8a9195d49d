"""Looks at the database while faults go on: what is terminal must stay so, and a limit must hold at every moment."""

import contextlib
import threading

import psycopg

from tests.chaos.database import Database
from tests.chaos.flows import NAMESPACE
from tests.product import Product

TERMINAL = "select id, generation, state from execution where ended_at is not null"
RUNNING = f"select count(*) from execution where namespace = '{NAMESPACE}' and flow_id = 'limited' and state = 'RUNNING'"
LOOK_EVERY = 0.25


class Watch:
    """A thread that samples until stopped."""

    def __init__(self, product: Product) -> None:
        self.database = Database(product)
        self.ended: dict[tuple[str, int], str] = {}
        self.changed: list[str] = []
        self.most_running = 0
        self.samples = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, name="watch", daemon=True)

    def run(self) -> None:
        """Samples."""
        while not self.stopping.wait(LOOK_EVERY):
            with contextlib.suppress(psycopg.OperationalError):
                self.look()

    def look(self) -> None:
        """One sample."""
        self.most_running = max(self.most_running, self.database.one(RUNNING))
        self.samples += 1
        if self.samples % 8 == 0:
            for id, generation, state in self.database.rows(TERMINAL):
                if self.ended.setdefault((id, generation), state) != state:
                    self.changed.append(f"{id}: {self.ended[id, generation]} became {state}")

    def stop(self) -> None:
        """Ends."""
        self.stopping.set()
        self.thread.join(10)
        self.database.close()
