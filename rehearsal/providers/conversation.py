"""A chat request as the scripted receptionist sees it. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

JsonObject = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolResult:
    tool: str
    fields: JsonObject


@dataclass(frozen=True, slots=True)
class Conversation:
    """`instructions` is all the system and developer text; `order` is a developer message that
    came after everything else was answered, so it wants to be acted on now.
    """

    instructions: str = ""
    caller_words: str | None = None
    last_said: str = ""
    order: str | None = None
    tool_results: tuple[ToolResult, ...] = ()
    offered_tools: frozenset[str] = frozenset()


def read_conversation(messages: Sequence[JsonObject], tools: Sequence[JsonObject]) -> Conversation:
    caller_words = None
    last_said, instructions = "", []
    orders: list[str] = []
    results: list[ToolResult] = []
    names: dict[str, str] = {}
    for message in messages:
        text = _text(message.get("content"))
        match message.get("role"):
            case "system":
                instructions.append(text)
            case "developer":
                instructions.append(text)
                orders.append(text)
            case "user":
                caller_words, results, orders = text, [], []
            case "assistant":
                names.update(_called_tools(message))
                last_said = text or last_said
                if text:
                    orders = []
            case "tool":
                tool = names.get(str(message.get("tool_call_id")), "")
                results.append(ToolResult(tool, _fields(text)))
    answered = _last_role(messages) == "assistant"
    return Conversation(
        instructions="\n".join(instructions),
        caller_words=caller_words,
        last_said=last_said,
        order=orders[-1] if orders and answered else None,
        tool_results=tuple(results),
        offered_tools=frozenset(_tool_names(tools)),
    )


def _last_role(messages: Sequence[JsonObject]) -> object:
    """The last role of those who talk: instructions may come in between at any time."""
    for message in reversed(messages):
        if message.get("role") not in ("system", "developer"):
            return message.get("role")
    return None


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return " ".join(
            str(part["text"]) for part in content if isinstance(part, dict) and "text" in part
        )
    return ""


def _called_tools(message: JsonObject) -> dict[str, str]:
    calls = message.get("tool_calls")
    found = {}
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, dict) else None
        if isinstance(function, dict):
            found[str(call.get("id"))] = str(function.get("name", ""))
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
