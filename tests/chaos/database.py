"""The product's database, read as its superuser, whom row-level security does not bind."""

import contextlib
import time
from typing import Any

import psycopg

from apps.cli.local.postgres import Postgres
from apps.cli.local.supervisor import socket_directory
from tests.product import Product


class Database:
    """One connection that is opened anew when the server was away."""

    def __init__(self, product: Product) -> None:
        data = product.directory / "data"
        self.url = Postgres(data / "postgres", socket_directory(data)).url.replace("penstock@", "postgres@")
        self._connection: psycopg.Connection[Any] | None = None

    def rows(self, statement: str, values: Any = None) -> list[Any]:
        """The answer of one statement; raises psycopg.OperationalError while the server is away."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(self.url, autocommit=True, connect_timeout=3)
            cursor = self._connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
        except psycopg.OperationalError:
            self.close()
            raise

    def one(self, statement: str, values: Any = None) -> Any:
        """The first column of the first row."""
        return self.rows(statement, values)[0][0]

    def patient(self, statement: str, values: Any = None, seconds: float = 60) -> list[Any]:
        """`rows`, waiting for a server that is away."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.rows(statement, values)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def close(self) -> None:
        """Lets go."""
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
