"""Who is calling? Looked up while the phone still rings, and never waited for beyond a limit."""

import asyncio
import logging
import time

from django.conf import settings

from calls import metrics
from customers.directory import DirectoryError, get_directory
from customers.records import CustomerRecord

logger = logging.getLogger(__name__)


class Prefetch:
    """One look-up under way. It ends within PREFETCH_TIMEOUT, in a customer or in None."""

    def __init__(self, caller_number: str | None) -> None:
        """Start looking. `caller_number` is E.164, or None when it was withheld."""
        self.took_ms: float | None = None
        self._task = asyncio.create_task(self._look_up(caller_number), name="customer prefetch")

    @property
    def done(self) -> bool:
        return self._task.done()

    async def customer(self) -> CustomerRecord | None:
        """The customer, or None: unknown, withheld, too late, or the directory failed."""
        # A waiter that is cancelled must not cancel the look-up of somebody else.
        await asyncio.wait([self._task])
        return None if self._task.cancelled() else self._task.result()

    def cancel(self) -> None:
        """Nobody will ask any more."""
        self._task.cancel()

    async def _look_up(self, number: str | None) -> CustomerRecord | None:
        if number is None:
            return None
        started_at = time.monotonic()
        try:
            async with asyncio.timeout(settings.PREFETCH_TIMEOUT):
                customer = await get_directory().find_by_phone(number)
        except TimeoutError:
            logger.warning("The customer look-up took longer than PREFETCH_TIMEOUT.")
            metrics.provider_errors.labels(provider="directory").inc()
            return None
        except DirectoryError as error:
            logger.warning("The customer look-up failed: %s", error)
            metrics.provider_errors.labels(provider="directory").inc()
            return None
        self.took_ms = (time.monotonic() - started_at) * 1000.0
        metrics.context_prefetch_time_ms.observe(self.took_ms)
        return customer
