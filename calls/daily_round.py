"""The chores of a server, and the thread that does them."""

import atexit
import threading

from calls import chores
from calls.aftercare import deliveries, worker
from calls.call_log import call_log
from calls.chores import Chore
from calls.reaper import reap
from calls.recording.finishing import finish_left_behind
from calls.retention import purge_a_while
from calls.settling import settle

CHORES = (
    Chore("Closing lost calls", 30.0, reap),
    Chore("Counting calls", 5.0, settle),
    Chore("Sending to webhooks", 2.0, deliveries.enqueue_due),
    Chore("Taking up lost tasks", 60.0, worker.take_up_lost),
    Chore("Forgetting finished tasks", 3_600.0, worker.forget_finished),
    Chore("Finishing recordings", 60.0, finish_left_behind),
    Chore("Erasing what was kept long enough", 600.0, purge_a_while),
)
_stop = threading.Event()
_tasks = worker.TaskThread()


def begin() -> None:
    """Also what a killed process left in its journal becomes rows from now on."""
    call_log.start()
    chores.start(CHORES, _stop)
    _tasks.start()
    atexit.register(end)  # Before the call log's own, which was registered earlier.


def end() -> None:
    """The task that runs is waited for, for some seconds."""
    _stop.set()
    _tasks.end()
