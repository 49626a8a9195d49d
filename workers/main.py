"""The worker process: arguments, signals, and the Celery consumer of its group's tickets."""

import argparse
import contextlib
import ctypes
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING

from config.memory import settle
from workers.settings import BadSetting, Settings, load_settings

if TYPE_CHECKING:
    from workers.tasks import Consumer
    from workers.work import Worker

log = logging.getLogger("penstock.worker")
PR_SET_DUMPABLE = 4
SETTLED_SECONDS = 2.0
"""After that the consumer, which starts in a thread, has imported what it needs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a worker until it is told to stop."""
    parser = argparse.ArgumentParser(prog="penstock-worker", description="Runs the tasks of a worker group.")
    parser.add_argument("--worker-group", default="default", help="key of the worker group (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=0, help="how many tasks at once (default: 16, or four times the processors)")
    parser.add_argument("--log-level", default="INFO", help="level of the worker's own log (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=chosen.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    for talkative in ("httpx", "celery.app.trace", "celery.worker.strategy"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    try:
        settings = load_settings(group=chosen.worker_group, threads=chosen.threads)
    except BadSetting as problem:
        sys.stderr.write(f"penstock worker: {problem}\n")
        return 2
    return run(settings)


def run(settings: Settings) -> int:
    """Starts the worker; returns when SIGTERM or SIGINT came and running tasks ended or their grace was over."""
    from apps.plugins.runners.process_tree import end_orphans  # noqa: PLC0415  (the plugins are heavy; arguments must be read first)
    from workers.work import Worker  # noqa: PLC0415

    _hide_environment()
    orphans = end_orphans()
    if orphans:
        log.warning("Ended %d processes that a worker which died had left behind", orphans)
    worker = Worker(settings)
    stop = threading.Event()
    _stop_on_signals(stop)
    worker.start()
    log.info("Worker %s of group %s takes %d tasks at once from %s", settings.name, settings.group, settings.threads, settings.gateway_url)
    consumer = _start_consumer(settings, worker)
    if not stop.wait(SETTLED_SECONDS):
        settle()
    stop.wait()
    log.info("Stopping: running tasks have %g seconds to end", settings.grace_seconds)
    if consumer is not None:
        consumer.stop()
    worker.stop()
    return 0


def _hide_environment() -> None:
    """Scripts run as the same user: without this they could read the worker's token in /proc."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def _start_consumer(settings: Settings, worker: "Worker") -> "Consumer | None":
    if not settings.broker_url:
        log.info("PENSTOCK_REDIS_URL is not set: work is asked for every second or two instead of on tickets")
        return None
    from workers.tasks import Consumer  # noqa: PLC0415  (Celery is 25 MiB; a worker without a broker needs none of it)

    consumer = Consumer(settings, worker)
    consumer.start()
    return consumer


def _stop_on_signals(stop: threading.Event) -> None:
    def told(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise SystemExit(1)
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)


if __name__ == "__main__":
    sys.exit(main())
