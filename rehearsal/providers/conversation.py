"""A chat request as the scripted receptionist sees it. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

JsonObject = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolResult:
    tool: str
    fields: JsonObject
    arguments: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conversation:
    """`instructions` is all the system and developer text; `order` is a developer message that
    came after everything else was answered, so it wants to be acted on now. `tool_results` are
    those since the caller spoke, `words_before` what the caller said the time before.
    """

    instructions: str = ""
    caller_words: str | None = None
    last_said: str = ""
    order: str | None = None
    tool_results: tuple[ToolResult, ...] = ()
    offered_tools: frozenset[str] = frozenset()
    all_results: tuple[ToolResult, ...] = ()
    words_before: str = ""


def read_conversation(messages: Sequence[JsonObject], tools: Sequence[JsonObject]) -> Conversation:
    caller_words = None
    last_said, instructions = "", []
    orders: list[str] = []
    results: list[ToolResult] = []
    all_results: list[ToolResult] = []
    words_before = ""
    asked: dict[str, ToolResult] = {}
    for message in messages:
        text = text_of(message.get("content"))
        match message.get("role"):
            case "system":
                instructions.append(text)
            case "developer":
                instructions.append(text)
                orders.append(text)
            case "user":
                words_before, caller_words = caller_words or "", text
                results, orders = [], []
            case "assistant":
                asked.update(_called_tools(message))
                last_said = text or last_said
                if text:
                    orders = []
            case "tool":
                call = asked.get(str(message.get("tool_call_id")), ToolResult("", {}))
                results.append(replace(call, fields=_fields(text)))
                all_results.append(results[-1])
    answered = _last_role(messages) == "assistant"
    return Conversation(
        instructions="\n".join(instructions),
        caller_words=caller_words,
        last_said=last_said,
        order=orders[-1] if orders and answered else None,
        tool_results=tuple(results),
        offered_tools=frozenset(_tool_names(tools)),
        all_results=tuple(all_results),
        words_before=words_before,
    )


def _last_role(messages: Sequence[JsonObject]) -> object:
    """The last role of those who talk: instructions may come in between at any time."""
    for message in reversed(messages):
        if message.get("role") not in ("system", "developer"):
            return message.get("role")
    return None


def text_of(content: object) -> str:
    """A message's text, whether it came as one string or in parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(
            str(part["text"]) for part in content if isinstance(part, dict) and "text" in part
        )
    return ""


def _called_tools(message: JsonObject) -> dict[str, ToolResult]:
    """By the id of the call; their results come in messages of their own."""
    calls = message.get("tool_calls")
    found = {}
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            arguments = _fields(str(function.get("arguments", "{}")))
            found[str(call.get("id"))] = ToolResult(str(function.get("name", "")), {}, arguments)
    return found


def _fields(text: str) -> JsonObject:
    try:
        document = json.loads(text)
    except ValueError:
        return {"text": text}
    return document if isinstance(document, dict) else {"text": text}


def _tool_names(tools: Sequence[JsonObject]) -> list[str]:
    functions = (tool.get("function") for tool in tools)
    return [str(function.get("name")) for function in functions if isinstance(function, Mapping)]
