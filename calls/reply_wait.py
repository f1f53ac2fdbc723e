"""From the request to the model until the caller hears something of the answer.

After a second the caller hears that it takes a moment. After REPLY_SECONDS whatever is stuck is
taken for lost: nobody is left on a silent line, whichever part failed to say so. Tools have
deadlines of their own, and their time does not count.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from calls.one_moment import OneMoment

REPLY_SECONDS = 11.0  # longer than every retry takes, and the call still ends within 15 s


class ReplyWait:
    """Of one call."""

    def __init__(self, one_moment: OneMoment, too_late: Callable[[], None]) -> None:
        self._one_moment = one_moment
        self._too_late = too_late
        self._timer: asyncio.TimerHandle | None = None
        self._tools = 0
        self.is_on = False

    def begins(self) -> None:
        if not self.is_on:
            self.is_on = True
            self._one_moment.begin_waiting()
        self._start()

    def is_over(self) -> None:
        """The caller hears the answer, or wants another one, or the call is over."""
        if self.is_on:
            self.is_on = False
            self._one_moment.end_waiting()
        self._stop()

    @contextmanager
    def while_a_tool_runs(self) -> Iterator[None]:
        self._tools += 1
        self._stop()
        try:
            with self._one_moment.while_waiting():
                yield
        finally:
            self._tools -= 1
            self._start()

    @property
    def tool_runs(self) -> bool:
        return self._tools > 0

    def _start(self) -> None:
        self._stop()
        if self.is_on and not self._tools:
            self._timer = asyncio.get_running_loop().call_later(REPLY_SECONDS, self._expire)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self.is_over()
        self._too_late()
