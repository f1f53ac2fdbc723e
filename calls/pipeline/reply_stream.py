"""The model's reply as one stream, whatever becomes of the first request for it.

OpenAI's client and Pipecat have no limit for the first token but the 600 s of a request, and none
for a stream that stalls. Here each route is given FIRST_TOKEN_SECONDS; the first route is asked
twice, then the fallback model. A reply that breaks off in the middle is continued, not repeated.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import httpx2
import openai
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionChunk

from calls.circuit import Circuit

FIRST_TOKEN_SECONDS = 2.5
STALL_SECONDS = 2.5  # between two tokens of a reply
# Not at once: what refuses this call refuses the others in the same moment.
BEFORE_THE_RETRY_SECONDS = (0.1, 0.4)
GO_ON = (
    "The connection broke after the words above. Go on from exactly there: do not repeat them, and "
    "do not mention it."
)
# The fault of this one request: too long, or against a policy. Counted, three callers who are
# refused would open the circuit for everybody, whose requests are answered.
OF_THE_REQUEST = frozenset({400, 413, 422})
# What another request of the same route would be answered as well.
FINAL = OF_THE_REQUEST | {401, 403, 404}


class ModelUnavailable(Exception):
    """No route gave a reply. `str()` names what each did, without a word of the conversation."""


@dataclass(frozen=True, slots=True)
class ModelRoute:
    """One model that may be asked. `circuit` is what all calls of the process know of it."""

    name: str  # as the record calls it: "llm", "llm fallback"
    model: str
    client: AsyncOpenAI
    circuit: Circuit


class ReplyStream:
    """Iterate over it once. `stumbled` is told of each attempt that failed: route and reason."""

    def __init__(
        self,
        params: Mapping[str, Any],
        routes: Sequence[ModelRoute],
        stumbled: Callable[[str, str], None],
    ) -> None:
        self._params = dict(params)
        self._attempts = [routes[0], *routes]
        self._stumbled = stumbled
        self._said = ""
        self._tool_chunks: list[ChatCompletionChunk] = []

    async def chunks(self) -> AsyncGenerator[ChatCompletionChunk]:
        """Raises ModelUnavailable once every attempt has failed."""
        reasons: list[str] = []
        refused: set[str] = set()
        for index, route in enumerate(self._attempts):
            if route.name in refused or not route.circuit.allows():
                continue
            if index == 1:
                await asyncio.sleep(random.uniform(*BEFORE_THE_RETRY_SECONDS))
            try:
                async with aclosing(self._attempt(route)) as attempt:
                    async for chunk in attempt:
                        yield chunk
                route.circuit.succeeded()
                return
            except (asyncio.CancelledError, GeneratorExit):
                route.circuit.undecided()
                raise
            except (openai.OpenAIError, httpx2.HTTPError, OSError, ValueError) as error:
                reason, status = type(error).__name__, getattr(error, "status_code", None)
            if status in FINAL:
                refused.add(route.name)
            if status in OF_THE_REQUEST:
                route.circuit.undecided()
            else:
                route.circuit.failed()
            reasons.append(f"{route.name}: {reason}")
            self._stumbled(route.name, reason)
            self._tool_chunks.clear()
        raise ModelUnavailable("; ".join(reasons) or "known to be unavailable")

    async def _attempt(self, route: ModelRoute) -> AsyncGenerator[ChatCompletionChunk]:
        """One request. TimeoutError: no first token in time, or none after another."""
        loop = asyncio.get_running_loop()
        alive = False
        async with asyncio.timeout(FIRST_TOKEN_SECONDS) as patience:
            stream = await route.client.chat.completions.create(**self._request(route))
            async with stream:
                async for chunk in stream:
                    if not _is_whole(chunk):
                        raise ValueError("not a chunk of OpenAI's")
                    if _says_something(chunk):
                        alive = True
                        patience.reschedule(loop.time() + STALL_SECONDS)
                    for ready in self._ready(chunk):
                        # While the pipeline works on it, nobody waits for the model.
                        patience.reschedule(None)
                        yield ready
                    if alive:
                        patience.reschedule(loop.time() + STALL_SECONDS)
        for kept in self._tool_chunks:  # Of a vendor that does not say why it finished.
            yield kept
        self._tool_chunks = []
        if not alive and not self._said:
            raise TimeoutError("The reply was empty.")

    def _request(self, route: ModelRoute) -> dict[str, Any]:
        request = {**self._params, "model": route.model}
        if self._said:
            request["messages"] = [
                *request["messages"],
                {"role": "assistant", "content": self._said},
                {"role": "developer", "content": GO_ON},
            ]
        return request

    def _ready(self, chunk: ChatCompletionChunk) -> Sequence[ChatCompletionChunk]:
        """What may be passed on. Parts of a tool request are kept until it is whole: half of one
        and a whole one would be read as two.
        """
        choice = chunk.choices[0] if chunk.choices else None
        if choice is not None and choice.delta and choice.delta.tool_calls:
            self._tool_chunks.append(chunk)
            if choice.finish_reason is None:
                return ()
        elif choice is not None and choice.delta and choice.delta.content:
            self._said += choice.delta.content
        if choice is not None and choice.finish_reason is not None and self._tool_chunks:
            whole, self._tool_chunks = self._tool_chunks, []
            return whole if chunk in whole else (*whole, chunk)
        return (chunk,)


def _says_something(chunk: ChatCompletionChunk) -> bool:
    delta = chunk.choices[0].delta if chunk.choices else None
    return bool(delta and (delta.content or delta.tool_calls))


def _is_whole(chunk: ChatCompletionChunk) -> bool:
    """The client builds a chunk of whatever comes, and leaves out what did not."""
    return all(hasattr(chunk, name) for name in ("choices", "usage", "model"))
