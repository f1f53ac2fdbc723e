"""The customer in the prompt: as soon as known, and anew when a tool learns more."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings

from calls import metrics
from calls.call_log import call_log
from calls.caller_context import Prefetch
from calls.happenings import CustomerKnown
from calls.line import CallLine
from customers.records import CustomerRecord

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent

Prompt = Callable[[CustomerRecord | None], str]


class CustomerInPrompt:
    """Of one call. `prompt` is the whole system instruction for a customer, or for nobody."""

    def __init__(self, line: CallLine, prefetch: Prefetch, prompt: Prompt) -> None:
        self._line = line
        self._prefetch = prefetch
        self._prompt = prompt
        self._told: CustomerRecord | None = None

    async def to_begin_with(self) -> str:
        """The prompt, with the customer if known by now.

        PARALLEL_CONTEXT_PREFETCH=false waits for the answer.
        """
        if self._line.tools.caller.customer is not None:  # Known since before the line was lost.
            self._told = self._line.tools.caller.customer
        elif self._prefetch.done or not settings.PARALLEL_CONTEXT_PREFETCH:
            self._told = await self._prefetch.customer()
            if self._told is not None:
                self._was_found(self._told)
        return self._prompt(self._told)

    async def keep_current(self, agent: "Agent") -> None:
        """Between turns: no message is lost by it, and no reply begun."""
        found = await self._prefetch.customer()
        if found is not None and self._told is None:
            await self._line.ready.wait()
            await agent.tell(self._prompt(found))
            self._told = found
            self._was_found(found)
        tools = self._line.tools
        while True:
            await tools.customer_changed.wait()
            tools.customer_changed.clear()
            customer = tools.caller.customer
            if customer is not None and customer != self._told:
                self._told = customer
                await agent.tell(self._prompt(customer))
                self._record(customer)

    def _was_found(self, customer: CustomerRecord) -> None:
        self._line.tools.customer_is(customer)
        self._line.timings.context_prefetch_ms = self._prefetch.took_ms
        injected_ms = self._line.clock.ms()
        self._line.timings.context_injected_ms = injected_ms
        metrics.context_injection_time_ms.observe(injected_ms)
        self._line.milestone("customer in the prompt")
        self._record(customer)

    def _record(self, customer: CustomerRecord) -> None:
        call_log.post(CustomerKnown(self._line.call_sid, customer.name, str(customer.customer_id)))
