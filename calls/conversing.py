"""One conversation over one pipeline: what is done side by side while somebody is on the line.

A call whose line broke has a second one, which begins where the first ended.
"""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from calls import call_limits, warmup
from calls.customer_in_prompt import CustomerInPrompt
from calls.farewell import leave_when_asked
from calls.greeting import GreetingHeard
from calls.line import CallLine
from calls.never_silent import apologise_when_broken, bridge_until_ready
from calls.opening import (
    Beginning,
    Opening,
    leave_after,
    open_call,
    with_announcement,
    words_before_the_model,
)
from calls.prompting import system_prompt
from calls.survey.spoken import SpokenSurvey
from calls.tickets import CallTicket
from calls.tool_stages import follow_stages
from calls.unheard_caller import ask_to_repeat
from catalog.stages import Stage
from catalog.tools.spec import ToolSpec
from catalog.tools_on_offer import tools_on_offer
from customers.records import CustomerRecord

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent


class Conversing:
    """Of one call. `agent` is the pipeline that runs, None before it is built."""

    def __init__(
        self, ticket: CallTicket, line: CallLine, survey: SpokenSurvey, beginning: Beginning
    ) -> None:
        self.agent: Agent | None = None
        self._ticket = ticket
        self._spec = ticket.agent
        self._line = line
        self._survey = survey
        self._beginning = beginning
        line.on_greeting_over = self._greeting_over

    async def run(self) -> None:
        """Until nobody is on the line any more."""
        self.agent = None
        line, spec = self._line, self._spec
        if self._beginning.first.end_call and line.greeting is not None:
            await self._attend(
                leave_after(line, line.greeting), call_limits.end_with_the_server(line, spec)
            )
            return
        build = await warmup.agent_builder()
        known = CustomerInPrompt(line, self._ticket.prefetch, self._prompt)
        prompt = await known.to_begin_with()
        at_start = self._tools_on_offer(spec.tools_at_start)
        line.runner.knows(at_start)
        agent = self.agent = build(
            spec,
            line=line,
            system_prompt=prompt,
            tools=at_start,
            greeting_text=words_before_the_model(line),
            earlier=line.so_far.messages() if line.is_resumed else (),
            warm_sockets=self._ticket.warm_sockets,
        )
        running = asyncio.create_task(agent.run(), name="pipeline")
        running.add_done_callback(self._pipeline_ended)
        try:
            await self._attend(
                open_call(agent, line, spec, self._beginning),
                known.keep_current(agent),
                follow_stages(agent, line, self._tools_on_offer, at_start, spec.tools_later),
                leave_when_asked(agent, line, self._survey),
                bridge_until_ready(line),
                apologise_when_broken(line, spec),
                ask_to_repeat(agent, line),
                *call_limits.duties(agent, line, spec),
            )
        finally:
            running.remove_done_callback(self._pipeline_ended)
            await agent.stop(running)

    def _pipeline_ended(self, _task: "asyncio.Task[None]") -> None:
        self._line.provider_failed("pipeline", "ended", for_good=True)

    async def _attend(self, *duties: Coroutine[Any, Any, None]) -> None:
        """Do these side by side until nobody is on the line, or one of them fails."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(duty) for duty in duties]
            await self._line.off.wait()
            for task in tasks:
                task.cancel()

    def _prompt(self, customer: CustomerRecord | None) -> str:
        greeted = self._beginning.opening is not Opening.MODEL or self._line.is_resumed
        now, closed = self._line.tools.now(), self._beginning.closed
        return system_prompt(self._spec, customer, now, greeted=greeted, closed=closed)

    def _greeting_over(self, heard: GreetingHeard) -> None:
        if self.agent is not None:
            self.agent.greeting_was_heard(with_announcement(self._line, heard.text))

    def _tools_on_offer(self, stage: Stage) -> tuple[ToolSpec, ...]:
        return tools_on_offer(self._ticket.snapshot, self._spec, stage)
