"""Database work of a test, in a thread of its own: also from a test that runs in an event loop."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

_desk = ThreadPoolExecutor(1, thread_name_prefix="desk")


def at_the_desk(work: Callable[[], Any]) -> Any:
    def do() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    return _desk.submit(do).result(30.0)
