"""Chat completions as OpenAI writes them: whole, or as a stream of chunks. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.providers.answers import Answer, CallTool, Say

MODEL = "scripted-receptionist"
FINGERPRINT = "scripted"
FRAGMENT_CHARACTERS = 8
CHARACTERS_PER_TOKEN = 4

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer on its way out."""

    completion_id: str
    created: int
    answer: Answer
    prompt_characters: int

    @property
    def finish_reason(self) -> str:
        return "stop" if isinstance(self.answer, Say) else "tool_calls"

    @property
    def calls(self) -> tuple[tuple[str, CallTool], ...]:
        """Each tool that is called, with the id of the call."""
        if isinstance(self.answer, Say):
            return ()
        name = self.completion_id.removeprefix("chatcmpl-")
        asked = (self.answer, *self.answer.beside)
        return tuple((f"call_{name}{number or ''}", call) for number, call in enumerate(asked))


def whole(completion: Completion) -> Document:
    message: Document = {"role": "assistant", "content": None, "refusal": None}
    if isinstance(completion.answer, Say):
        message["content"] = completion.answer.text
    else:
        message["tool_calls"] = [
            {
                "id": call_id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments_text},
            }
            for call_id, call in completion.calls
        ]
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": completion.finish_reason,
    }
    return {**_head(completion, "chat.completion"), "choices": [choice], "usage": usage(completion)}


def first_chunk(completion: Completion) -> Document:
    return _chunk(completion, {"role": "assistant", "content": "", "refusal": None})


def token_chunks(completion: Completion) -> Iterator[Document]:
    """Words of the text one by one, or the tool's name and then its arguments in pieces."""
    if isinstance(completion.answer, Say):
        for word in words(completion.answer.text):
            yield _chunk(completion, {"content": word})
        return
    for index, (call_id, call) in enumerate(completion.calls):
        opening = {
            "index": index,
            "id": call_id,
            "type": "function",
            "function": {"name": call.name, "arguments": ""},
        }
        yield _chunk(completion, {"tool_calls": [opening]})
        for fragment in _fragments(call):
            part = {"index": index, "function": {"arguments": fragment}}
            yield _chunk(completion, {"tool_calls": [part]})


def last_chunk(completion: Completion) -> Document:
    return _chunk(completion, {}, completion.finish_reason)


def usage_chunk(completion: Completion) -> Document:
    head = _head(completion, "chat.completion.chunk")
    return {**head, "choices": [], "usage": usage(completion)}


def usage(completion: Completion) -> dict[str, int]:
    """Estimated, as nothing counts tokens here: four characters to one."""
    answer = completion.answer
    said = answer.text if isinstance(answer, Say) else answer.arguments_text
    prompt = completion.prompt_characters // CHARACTERS_PER_TOKEN
    given = len(said) // CHARACTERS_PER_TOKEN + 1
    return {"prompt_tokens": prompt, "completion_tokens": given, "total_tokens": prompt + given}


def words(text: str) -> list[str]:
    """Together they are the text again."""
    return re.findall(r"\s*\S+(?:\s+$)?", text)


def _fragments(call: CallTool) -> list[str]:
    arguments = call.arguments_text
    return [
        arguments[start : start + FRAGMENT_CHARACTERS]
        for start in range(0, len(arguments), FRAGMENT_CHARACTERS)
    ]


def _chunk(completion: Completion, delta: Document, finish_reason: str | None = None) -> Document:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {**_head(completion, "chat.completion.chunk"), "choices": [choice]}


def _head(completion: Completion, kind: str) -> Document:
    return {
        "id": completion.completion_id,
        "object": kind,
        "created": completion.created,
        "model": MODEL,
        "system_fingerprint": FINGERPRINT,
    }
