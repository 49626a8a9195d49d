"""How a role that loops runs: until SIGTERM or SIGINT, then the work in hand is finished."""

import logging
import signal
import threading
from collections.abc import Callable

from config.logging import configure_logging
from config.memory import settle


def until_told(loop: Callable[[threading.Event], None], role: str) -> None:
    """Runs `loop(stop)`; the signals set `stop`."""
    configure_logging(role)
    stop = threading.Event()
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, lambda *_: stop.set())
    settle()
    loop(stop)
    logging.getLogger("penstock").info("%s has ended", role)
