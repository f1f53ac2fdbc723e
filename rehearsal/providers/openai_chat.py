"""OpenAI's chat completions; the model behind them is the receptionist, or the gullible one."""

import asyncio
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from rehearsal.providers.answers import Answer, Say
from rehearsal.providers.backstage import BACKSTAGE
from rehearsal.providers.conversation import Conversation, JsonObject, read_conversation
from rehearsal.providers.cutting import cut
from rehearsal.providers.faults import Provider
from rehearsal.providers.gate import DROP
from rehearsal.providers.gullible import obey, told_to_write
from rehearsal.providers.openai_chunks import (
    FINGERPRINT,
    MODEL,
    Completion,
    Document,
    first_chunk,
    last_chunk,
    token_chunks,
    usage_chunk,
    whole,
)
from rehearsal.providers.receptionist import answer
from rehearsal.providers.summaries import asked_schema, structured_answer
from rehearsal.providers.vendor_errors import vendor_error

END = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class ChatRequest:
    messages: Sequence[JsonObject]
    conversation: Conversation
    stream: bool
    include_usage: bool
    characters: int
    schema: Mapping[str, Any] | None = None  # what the answer has to follow


def add_routes(router: web.UrlDispatcher) -> None:
    router.add_post("/v1/chat/completions", complete)
    router.add_get("/v1/models", list_models)


async def list_models(request: web.Request) -> web.Response:
    model = {"id": MODEL, "object": "model", "created": 0, "owned_by": FINGERPRINT}
    return web.json_response({"object": "list", "data": [model]})


async def complete(request: web.Request) -> web.StreamResponse:
    text = await request.text()
    try:
        asked = read_request(text)
    except ValueError as error:
        return vendor_error(Provider.LLM, 400, str(error))
    backstage = request.app[BACKSTAGE]
    completion = Completion(
        completion_id=f"chatcmpl-{uuid.uuid4().hex}",
        created=int(time.time()),
        answer=_answer(asked, gullible=backstage.gullible),
        prompt_characters=asked.characters,
    )
    latency = backstage.latency
    await asyncio.sleep(latency.llm_first_token_ms / 1000)
    if not asked.stream:
        return web.json_response(whole(completion))
    return await _stream(request, completion, asked.include_usage, latency.llm_token_ms / 1000)


def _answer(asked: ChatRequest, *, gullible: bool) -> Answer:
    if asked.schema is not None:
        told = told_to_write(asked.messages) if gullible else ""
        return Say(structured_answer(asked.schema, asked.messages, told))
    return obey(asked.messages) if gullible else answer(asked.conversation)


async def _stream(
    request: web.Request, completion: Completion, include_usage: bool, token_seconds: float
) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
    )
    drop = request.get(DROP)
    try:
        await response.prepare(request)
        await response.write(_event(first_chunk(completion)))
        for number, chunk in enumerate(token_chunks(completion)):
            if drop is not None and number >= drop.after:
                cut(request)
                return response
            await response.write(_event(chunk))
            await asyncio.sleep(token_seconds)
        await response.write(_event(last_chunk(completion)))
        if include_usage:
            await response.write(_event(usage_chunk(completion)))
        await response.write(END)
        await response.write_eof()
    except ConnectionResetError:
        pass  # The caller interrupted, and the client dropped the answer.
    return response


def read_request(text: str) -> ChatRequest:
    """ValueError says what is wrong with it."""
    try:
        document = json.loads(text)
    except ValueError:
        raise ValueError("We could not parse the JSON body of your request.") from None
    if not isinstance(document, dict):
        raise ValueError("The body has to be a JSON object.")
    messages = document.get("messages")
    if not isinstance(messages, list) or not messages:
        raise ValueError("'messages' has to be a list with at least one message.")
    if not isinstance(document.get("model"), str):
        raise ValueError("You must provide a model parameter.")
    tools = document.get("tools") or []
    options = document.get("stream_options") or {}
    return ChatRequest(
        messages=messages,
        conversation=read_conversation(_objects(messages), _objects(tools)),
        stream=bool(document.get("stream")),
        include_usage=isinstance(options, dict) and bool(options.get("include_usage")),
        characters=len(text),
        schema=asked_schema(document),
    )


def _objects(found: object) -> list[JsonObject]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ValueError("'messages' and 'tools' have to be lists of objects.")
    return found


def _event(document: Document) -> bytes:
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"
