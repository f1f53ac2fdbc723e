"""The model knows who is on the line as soon as anybody does, and nothing is said twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from calls.customer_in_prompt import CustomerInPrompt
from calls.happenings import CustomerKnown
from calls.line import CallLine
from calls.playout import Playout
from calls.session_tools import SessionTools
from calls.timing import CallClock, Timings
from customers.records import CustomerRecord
from tests.calls.conftest import PostedHappenings
from tests.calls.samples import AGENT, CALL_SID, CUSTOMER, STREAM_SID, customer


class LookUp:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.took_ms: float | None = 12.0
        self.answer: asyncio.Future[CustomerRecord | None] = (
            asyncio.get_running_loop().create_future()
        )

    @property
    def done(self) -> bool:
        return self.answer.done()

    async def customer(self) -> CustomerRecord | None:
        return await asyncio.shield(self.answer)


class Told:
    """The agent, as far as it is told things."""

    def __init__(self) -> None:
        self.prompts: list[str] = []

    async def tell(self, prompt: str) -> None:
        self.prompts.append(prompt)


class Call:
    def __init__(self) -> None:
        self.line = CallLine(
            CALL_SID,
            Playout(STREAM_SID, self._send),
            CallClock(),
            Timings(),
            SessionTools(AGENT, "+351200000002"),
        )
        self.look_up = LookUp()
        self.agent = Told()
        look_up: Any = self.look_up
        self.known = CustomerInPrompt(self.line, look_up, self._prompt)

    async def _send(self, _text: str) -> None:
        """Nobody listens."""

    def _prompt(self, found: CustomerRecord | None) -> str:
        return "nobody" if found is None else f"{found.name}, {', '.join(found.facts)}"


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(2.0):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.fixture
async def call(posted: PostedHappenings) -> AsyncIterator[Call]:
    call = Call()
    call.line.agent_is_ready()
    agent: Any = call.agent
    keeping: list[asyncio.Task[None]] = []
    call.keep = lambda: keeping.append(  # type: ignore[attr-defined]
        asyncio.create_task(call.known.keep_current(agent))
    )
    yield call
    for task in keeping:
        task.cancel()


async def test_a_customer_who_is_known_already_stands_in_the_first_prompt(
    call: Any, posted: PostedHappenings
) -> None:
    call.look_up.answer.set_result(CUSTOMER)
    assert await call.known.to_begin_with() == "Maria Silva, Had a check-up in March."
    call.keep()
    await asyncio.sleep(0.05)
    assert call.agent.prompts == []
    assert [known.name for known in posted.of_type(CustomerKnown)] == ["Maria Silva"]
    assert call.line.timings.context_prefetch_ms == 12.0


async def test_a_late_one_is_told_between_turns(call: Any, posted: PostedHappenings) -> None:
    assert await call.known.to_begin_with() == "nobody"
    call.keep()
    call.look_up.answer.set_result(CUSTOMER)
    await until(lambda: bool(call.agent.prompts))
    assert call.agent.prompts == ["Maria Silva, Had a check-up in March."]
    assert call.line.tools.caller.customer == CUSTOMER
    assert call.line.timings.context_injected_ms is not None


async def test_a_caller_put_on_record_in_the_call_is_in_the_prompt_and_the_record(
    call: Any, posted: PostedHappenings
) -> None:
    call.look_up.answer.set_result(None)
    await call.known.to_begin_with()
    call.keep()
    call.line.tools.customer_is(customer(name="Ana", facts=()))
    await until(lambda: bool(call.agent.prompts))
    assert call.agent.prompts == ["Ana, "]
    assert [known.name for known in posted.of_type(CustomerKnown)] == ["Ana"]
    assert call.line.timings.context_injected_ms is None, "no look-up found them"


async def test_what_is_noted_in_the_call_is_told_once(call: Any) -> None:
    call.look_up.answer.set_result(CUSTOMER)
    await call.known.to_begin_with()
    call.keep()
    for _time in range(3):
        call.line.tools.customer_is(customer(facts=("Likes mornings.",)))
        await asyncio.sleep(0.02)
    assert call.agent.prompts == ["Maria Silva, Likes mornings."]


async def test_without_parallel_prefetch_the_prompt_waits(call: Any, settings: Any) -> None:
    settings.PARALLEL_CONTEXT_PREFETCH = False
    waiting = asyncio.create_task(call.known.to_begin_with())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    call.look_up.answer.set_result(None)
    assert await waiting == "nobody"
