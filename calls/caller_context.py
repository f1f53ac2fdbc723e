"""Who is calling: looked up from the moment the phone rings, never waited for beyond a limit."""

import asyncio
import dataclasses
import json
import logging
import time

from django.conf import settings

from calls import metrics
from calls.shared_store import StoreUnavailable, is_shared, shared_store
from customers.directory import DirectoryError, get_directory
from customers.records import CustomerRecord

logger = logging.getLogger(__name__)

KEPT_SECONDS = 60.0  # for another process: as long as the token that leads there is good


class Prefetch:
    """One look-up under way. It ends within PREFETCH_TIMEOUT, in a customer or in None."""

    def __init__(self, caller_number: str | None, *, call_sid: str | None = None) -> None:
        """Start looking. `caller_number` is E.164, or None when it was withheld.

        With `call_sid`, the answer is kept for whichever process the call's stream comes to.
        """
        self.took_ms: float | None = None
        self._share_as = call_sid if is_shared() else None
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

    def stays_here(self) -> None:
        """The stream came to this process: no other needs the answer."""
        self._share_as = None

    async def _look_up(self, number: str | None) -> CustomerRecord | None:
        if number is None:
            return None
        customer = await self._found(number, settings.PREFETCH_TIMEOUT)
        if self._share_as is not None:
            await _hand_over(self._share_as, customer)
        return customer

    async def _found(self, number: str, seconds: float) -> CustomerRecord | None:
        """The customer, or None: nobody, or no answer in time. Never raises."""
        started_at = time.monotonic()
        problem = ""
        try:
            async with asyncio.timeout(seconds):
                customer = await get_directory().find_by_phone(number)
        except TimeoutError:
            problem = "took longer than PREFETCH_TIMEOUT"
        except DirectoryError as error:
            problem = f"failed: {error}"
        except Exception as error:  # A root: no directory's fault may end a call.
            # The type alone: the message may quote who is calling.
            problem = f"failed: {type(error).__name__}"
        if problem:
            logger.warning("The customer look-up %s.", problem)
            metrics.provider_errors.labels(provider="directory").inc()
            return None
        self.took_ms = (time.monotonic() - started_at) * 1000.0
        metrics.context_prefetch_time_ms.observe(self.took_ms)
        return customer


class AdoptedPrefetch(Prefetch):
    """A look-up that the process of the webhook began."""

    def __init__(self, call_sid: str, caller_number: str | None, *, age_seconds: float) -> None:
        """`age_seconds`: how long ago it began."""
        self._call_sid = call_sid
        self._left_seconds = min(
            settings.PREFETCH_TIMEOUT, max(0.0, settings.PREFETCH_TIMEOUT - age_seconds)
        )
        super().__init__(caller_number)

    async def _look_up(self, number: str | None) -> CustomerRecord | None:
        if number is None:
            return None
        started_at = time.monotonic()
        try:
            written = await shared_store().wait(f"customer:{self._call_sid}", self._left_seconds)
        except StoreUnavailable:
            waited_seconds = time.monotonic() - started_at
            return await self._found(number, max(0.0, self._left_seconds - waited_seconds))
        customer = _read(written) if written is not None else None
        if customer is not None:
            self.took_ms = (time.monotonic() - started_at) * 1000.0
        return customer


async def _hand_over(call_sid: str, customer: CustomerRecord | None) -> None:
    try:
        written = json.dumps(None if customer is None else dataclasses.asdict(customer))
        await shared_store().put(f"customer:{call_sid}", written, KEPT_SECONDS)
    except StoreUnavailable:
        return  # The other process looks for itself.
    except (TypeError, ValueError) as error:
        logger.warning("A customer could not be handed over: %s.", type(error).__name__)


def _read(written: str) -> CustomerRecord | None:
    try:
        document = json.loads(written)
        if document is None:
            return None
        customer = CustomerRecord(**{**document, "facts": tuple(document["facts"])})
        # Each is cleaned letter by letter for the prompt: a number there would end the call.
        texts = (customer.name, customer.language, customer.status, customer.notes, *customer.facts)
        if not all(isinstance(text, str) for text in texts):
            raise TypeError
        return customer
    except (KeyError, TypeError, ValueError):
        logger.warning("A customer in the shared store is damaged.")
        return None
