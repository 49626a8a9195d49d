"""The Celery entry: a ticket says that a group has work, nothing else."""

import logging
import threading
from typing import Any

from celery import Celery
from celery.worker import WorkController, state

from apps.engine.messages import WORK_TASK, queue_name
from workers.settings import Settings
from workers.work import Worker

log = logging.getLogger("penstock.worker")
RESTART_SECONDS = 3.0


def configuration(settings: Settings) -> dict[str, Any]:
    """Celery only carries hints: JSON, no results, no ETA, one ticket at a time for each thread."""
    return {
        "task_serializer": "json",
        "accept_content": ["json"],
        "result_backend": None,
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "task_acks_late": False,
        "task_default_queue": queue_name(settings.group),
        "worker_prefetch_multiplier": 1,
        "worker_concurrency": settings.threads,
        "worker_pool": "threads",
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_enable_remote_control": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {"visibility_timeout": 3600, "health_check_interval": 10, "socket_keepalive": True},
    }


def build_app(settings: Settings, worker: Worker) -> Any:
    """A Celery app that consumes the tickets of one group."""
    app: Any = Celery("penstock-worker", broker=settings.broker_url, set_as_current=False)  # type: ignore[no-untyped-call]
    app.conf.update(configuration(settings))

    def take_ticket(*_rubbish: Any, **ticket: Any) -> None:
        group = ticket.get("group")
        if _rubbish or (group is not None and group != settings.group):
            log.warning("A ticket that is none for group '%s' was dropped: %r %r", settings.group, _rubbish, ticket)
            return
        worker.work()

    app.task(name=WORK_TASK, ignore_result=True)(take_ticket)
    return app


class Consumer:
    """Consumes tickets in threads of this process; begins anew when the broker's connection breaks for good."""

    def __init__(self, settings: Settings, worker: Worker) -> None:
        self._settings, self._app = settings, build_app(settings, worker)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._consume, name="penstock-tickets", daemon=True)

    def start(self) -> None:
        """Begins to consume."""
        self._thread.start()

    def stop(self) -> None:
        """Takes no further ticket."""
        self._stopping.set()
        stopping: Any = state
        stopping.should_stop = 0

    def _consume(self) -> None:
        while not self._stopping.is_set():
            try:
                controller: Any = WorkController(  # type: ignore[no-untyped-call]
                    app=self._app,
                    hostname=f"worker@{self._settings.name}",
                    pool_cls="threads",
                    concurrency=self._settings.threads,
                    queues=[queue_name(self._settings.group)],
                    without_gossip=True,
                    without_mingle=True,
                    without_heartbeat=True,
                    loglevel=logging.WARNING,
                    quiet=True,
                )
                controller.start()
            except (Exception, SystemExit) as error:
                log.warning("Tickets cannot be consumed (%s); work is asked for every second or two meanwhile", error)
            self._stopping.wait(RESTART_SECONDS)
