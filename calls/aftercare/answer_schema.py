"""The JSON Schema of what the model answers about a call. Pure."""

from collections.abc import Mapping
from typing import Any


def answer_schema(details: Mapping[str, Any]) -> dict[str, Any]:
    """The summary, and beside it the owner's own fields if there are any."""
    properties: dict[str, Any] = {"summary": {"type": "string"}}
    if details:
        properties["details"] = dict(details)
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def can_be_strict(schema: object) -> bool:
    """OpenAI's strict mode refuses a schema in which an object leaves anything open."""
    if isinstance(schema, list):
        return all(map(can_be_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object":
        properties = schema.get("properties")
        if not isinstance(properties, Mapping) or schema.get("additionalProperties") is not False:
            return False
        if set(schema.get("required", ())) != set(properties):
            return False
        return all(map(can_be_strict, properties.values()))
    return all(can_be_strict(value) for value in schema.values())
