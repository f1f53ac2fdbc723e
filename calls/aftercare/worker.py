"""The worker of this process: one task at a time, in a thread of its own, beside the calls."""

import logging
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error, connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, TaskResultStatus

if TYPE_CHECKING:
    from django_tasks_db.management.commands.db_worker import Worker

logger = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
AGAIN_SECONDS = 5.0
WARM_SECONDS = 120.0
# Every task ends by a deadline of its own, far below this: what runs longer died with its process.
LOST_SECONDS = 600.0
KEPT_DAYS = 7
# For the task that runs when a server is told to stop. A delivery ends within it; a summary that
# does not is handed to the next worker.
STOP_SECONDS = 12.0


class TaskThread:
    """Starts once; does nothing when the operator runs worker processes instead."""

    def __init__(self) -> None:
        self._worker_id = get_random_string(32)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._worker: Worker | None = None

    def start(self) -> None:
        if settings.TASK_WORKER == "inside":
            self._thread = threading.Thread(target=self._run, name="tasks", daemon=True)
            self._thread.start()

    def end(self, seconds: float = STOP_SECONDS) -> None:
        """Wait for the task that runs. No other is begun."""
        self._stop.set()
        if self._worker is not None:
            self._worker.running = False
        if self._thread is None:
            return
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._hand_back()

    def _run(self) -> None:
        from django.apps import apps

        from calls import warmup

        apps.ready_event.wait()
        # What is due when a server begins would import beside the warm-up: half of httpx was found.
        latest = time.monotonic() + WARM_SECONDS
        while warmup.is_under_way() and time.monotonic() < latest:
            if self._stop.wait(EVERY_SECONDS):
                return
        while not self._stop.wait(EVERY_SECONDS):
            try:
                self._work_off()
            except Error as error:
                logger.warning("Tasks wait: the database failed (%s).", type(error).__name__)
                self._stop.wait(AGAIN_SECONDS)
            except Exception:  # A root: one surprise must not end every later task.
                logger.exception("The worker of tasks failed.")
                self._stop.wait(AGAIN_SECONDS)
            finally:
                connections.close_all()

    def _work_off(self) -> None:
        self._worker = worker = _worker(self._worker_id)
        if not self._stop.is_set():
            worker.run()

    def _hand_back(self) -> None:
        from django_tasks_db.models import DBTaskResult

        running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
        try:
            for task in running:
                if self._worker_id in task.worker_ids:
                    running.filter(pk=task.pk).update(status=TaskResultStatus.READY)
        except Error as error:
            logger.warning(
                "A task is lost for a while: the database failed (%s).", type(error).__name__
            )


def work_off() -> None:
    """Run every task that is due, one after the other."""
    _worker(get_random_string(32)).run()


def _worker(worker_id: str) -> "Worker":
    from django_tasks_db.management.commands.db_worker import Worker

    return Worker(
        queue_names=["*"],
        interval=0.0,
        batch=True,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id,
        excluded_queue_names=[],
    )


def take_up_lost() -> int:
    """A chore: tasks of workers that were killed are due again. How many those were."""
    from django_tasks_db.models import DBTaskResult

    before = timezone.now() - timedelta(seconds=LOST_SECONDS)
    lost = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=before)
    return lost.update(status=TaskResultStatus.READY)


def forget_finished() -> int:
    """A chore: what is done is looked at for some days, and then it is only in the way."""
    from django_tasks_db.models import DBTaskResult

    before = timezone.now() - timedelta(days=KEPT_DAYS)
    done = DBTaskResult.objects.finished().filter(finished_at__lt=before)
    count, _by_model = done.delete()
    return count
