"""A stranger's JSON Schema as every model provider takes it. Pure.

OpenAI refuses the whole request, and with it every reply of the call, for one tool whose schema it
does not like: an array without items, a reference to nothing, a choice at the top. What is left out
here is checked by the server, whose answer tells the model what to mend.
"""

import re
from collections.abc import Mapping
from typing import Any

from catalog.tools.parameters import Schema

MOST_DEPTH = 6
MOST_DESCRIPTION_CHARS = 1_000
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
_PLAIN = (str, int, float, bool, type(None))


def tamed(schema: Schema) -> Schema:
    """An object with named parameters; those whose names no model can write are left out."""
    return _object(schema, schema, MOST_DEPTH)


def _object(part: Mapping[str, Any], whole: Schema, depth: int) -> dict[str, Any]:
    given = part.get("properties")
    properties = {
        name: _any(inner, whole, depth - 1)
        for name, inner in (given.items() if isinstance(given, Mapping) else ())
        if isinstance(name, str) and _NAME.fullmatch(name)
    }
    asked = part.get("required")
    required = [
        name
        for name in (asked if isinstance(asked, list) else ())
        if isinstance(name, str) and name in properties
    ]
    return {"type": "object", "properties": properties, "required": list(dict.fromkeys(required))}


def _any(part: object, whole: Schema, depth: int) -> dict[str, Any]:
    """{} stands for anything at all."""
    found = _resolved(part, whole)
    if not isinstance(found, Mapping) or depth <= 0:
        return {}
    kept: dict[str, Any] = _kind(found, whole, depth)
    description = found.get("description")
    if isinstance(description, str) and description.strip():
        kept["description"] = description[:MOST_DESCRIPTION_CHARS]
    choices = found.get("enum")
    if isinstance(choices, list) and choices and all(isinstance(it, _PLAIN) for it in choices):
        kept["enum"] = choices
    return kept


def _kind(found: Mapping[str, Any], whole: Schema, depth: int) -> dict[str, Any]:
    named = found.get("type")
    kinds = [it for it in (named if isinstance(named, list) else [named]) if it in _TYPES]
    kept: dict[str, Any] = {}
    if "object" in kinds and "properties" in found:
        kept = _object(found, whole, depth)
    if "array" in kinds:
        kept["items"] = _any(found.get("items"), whole, depth - 1)
    if kinds:
        kept["type"] = kinds if len(kinds) > 1 else kinds[0]
    either = found.get("anyOf") or found.get("oneOf")
    if not kinds and isinstance(either, list) and either:
        kept["anyOf"] = [_any(one, whole, depth - 1) for one in either]
    return kept


def _resolved(part: object, whole: Schema) -> object:
    """What a reference within the schema stands for; None for any other, and for a circle."""
    for _step in range(MOST_DEPTH):
        if not isinstance(part, Mapping) or "$ref" not in part:
            return part
        part = _at(part["$ref"], whole)
    return None


def _at(reference: object, whole: Schema) -> object:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    found: object = whole
    for step in reference.removeprefix("#/").split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found
