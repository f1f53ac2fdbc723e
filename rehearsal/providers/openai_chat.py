"""OpenAI's chat completions; the model behind them is the receptionist, or the gullible one."""

import asyncio
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from rehearsal.providers.backstage import BACKSTAGE
from rehearsal.providers.conversation import Conversation, JsonObject, read_conversation
from rehearsal.providers.faults import Provider
from rehearsal.providers.gullible import obey
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
from rehearsal.providers.vendor_errors import vendor_error

END = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class ChatRequest:
    messages: Sequence[JsonObject]
    conversation: Conversation
    stream: bool
    include_usage: bool
    characters: int


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
        answer=obey(asked.messages) if backstage.gullible else answer(asked.conversation),
        prompt_characters=asked.characters,
    )
    latency = backstage.latency
    await asyncio.sleep(latency.llm_first_token_ms / 1000)
    if not asked.stream:
        return web.json_response(whole(completion))
    return await _stream(request, completion, asked.include_usage, latency.llm_token_ms / 1000)


async def _stream(
    request: web.Request, completion: Completion, include_usage: bool, token_seconds: float
) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache"}
    )
    try:
        await response.prepare(request)
        await response.write(_event(first_chunk(completion)))
        for chunk in token_chunks(completion):
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
    )


def _objects(found: object) -> list[JsonObject]:
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ValueError("'messages' and 'tools' have to be lists of objects.")
    return found


def _event(document: Document) -> bytes:
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"
