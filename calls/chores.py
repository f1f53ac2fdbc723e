"""What has to be done again and again beside the calls, in one thread of each server."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.db import Error, connections
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """`do` may be done by several servers at once, and again by the next one if this one dies."""

    name: str
    every_seconds: float
    do: Callable[[], object]


def start(chores: Sequence[Chore], stop: threading.Event) -> threading.Thread:
    """Each at once, and then whenever it is due, until `stop` is set."""
    thread = threading.Thread(target=_run, args=(chores, stop), name="chores", daemon=True)
    thread.start()
    return thread


def _run(chores: Sequence[Chore], stop: threading.Event) -> None:
    apps.ready_event.wait()
    due = dict.fromkeys(chores, time.monotonic())
    while not stop.is_set():
        for chore in chores:
            if time.monotonic() >= due[chore] and not stop.is_set():
                _do(chore)
                due[chore] = time.monotonic() + chore.every_seconds
        stop.wait(max(0.05, min(due.values()) - time.monotonic()))


def _do(chore: Chore) -> None:
    try:
        chore.do()
    except (Error, RedisError) as error:
        logger.warning("%s waits: %s.", chore.name, type(error).__name__)
    except Exception:  # A root: one chore that fails must not end the others.
        logger.exception("%s failed.", chore.name)
    finally:
        connections.close_all()
