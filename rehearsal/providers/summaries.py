"""The offline model's answer when it is asked for JSON about a call. Nothing is made up. Pure.

The summary is the caller's first line and the last line of the call, said to be no model's work;
of the details, whatever cannot be read off the schema is empty.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

MOST_CHARACTERS = 120
_EMPTY: Mapping[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "array": [],
    "null": None,
}


def asked_schema(request: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON Schema that the answer has to follow, if there is one."""
    wanted = request.get("response_format")
    if not isinstance(wanted, Mapping) or wanted.get("type") != "json_schema":
        return None
    named = wanted.get("json_schema")
    schema = named.get("schema") if isinstance(named, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


def structured_answer(
    schema: Mapping[str, Any], messages: Sequence[Mapping[str, Any]], told: str = ""
) -> str:
    """`told` stands in every text, if somebody has talked the model into it."""
    answer = _least(schema, told)
    if isinstance(answer, dict) and "summary" in answer and not told:
        answer["summary"] = _summary(str(messages[-1].get("content") or ""))
    return json.dumps(answer, ensure_ascii=False)


def _summary(transcript: str) -> str:
    try:
        lines = [(line["speaker"], line["text"]) for line in json.loads(transcript)]
    except (KeyError, TypeError, ValueError):
        return "[offline] A call whose transcript is not whole."
    caller = [text for speaker, text in lines if speaker == "caller"]
    first = f"The caller said: {caller[0]}" if caller else "The caller said nothing."
    last = f"Last words, {lines[-1][0]}: {lines[-1][1]}" if lines else "Nobody said anything."
    return "\n".join(f"[offline] {line}"[:MOST_CHARACTERS] for line in (first, last))


def _least(schema: Mapping[str, Any], told: str) -> Any:
    """The smallest value that this schema takes, as far as usual schemas go."""
    if schema.get("enum"):
        return schema["enum"][-1]
    if "const" in schema:
        return schema["const"]
    kinds = schema.get("type", "string")
    if kinds == "string":
        return told
    kind = ("null" if "null" in kinds else kinds[0]) if isinstance(kinds, list) else kinds
    if kind != "object":
        return schema.get("minimum", 0) if kind in ("integer", "number") else _EMPTY.get(kind)
    return {name: _least(part, told) for name, part in schema.get("properties", {}).items()}
