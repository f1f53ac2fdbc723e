"""Whatever a server calls a schema: what the model is told is one that OpenAI takes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from catalog.tools.model_schema import tamed

KINDS = ("string", "number", "integer", "boolean", "array", "object", "null")


def of(part: object, **beside: Any) -> Any:
    """What becomes of one parameter."""
    schema = {"type": "object", "properties": {"a": part}, **beside}
    return tamed(schema)["properties"]["a"]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"type": "string", "description": "A day."}, {"type": "string", "description": "A day."}),
        ({"type": "string", "pattern": "(a+)+$", "format": "date"}, {"type": "string"}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        (
            {"type": "array", "items": {"type": "integer"}},
            {"type": "array", "items": {"type": "integer"}},
        ),
        ({"enum": ["small", "large"]}, {"enum": ["small", "large"]}),
        ({"enum": []}, {}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "money"}, {}),
        ({"$ref": "#/$defs/size"}, {"type": "integer"}),
        ({"$ref": "#/$defs/nothing"}, {}),
        ({"$ref": "#/$defs/circle"}, {}),
        ({"$ref": "https://example.org/schema"}, {}),
        (
            {"oneOf": [{"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
        ),
        (
            {"type": "object", "properties": {"b": {"type": "array"}}, "required": ["b", "c"]},
            {
                "type": "object",
                "properties": {"b": {"type": "array", "items": {}}},
                "required": ["b"],
            },
        ),
        (True, {}),
        (None, {}),
    ],
)
def test_a_parameter_is_told_as_far_as_every_model_takes_it(part: object, told: object) -> None:
    defs = {"size": {"type": "integer"}, "circle": {"$ref": "#/$defs/circle"}}
    assert of(part, **{"$defs": defs}) == told


def test_the_top_is_an_object_with_parameters_and_nothing_else() -> None:
    schema = {
        "type": "object",
        "anyOf": [{"required": ["a"]}],
        "not": {},
        "properties": {"a": {"type": "string"}, "not a name": {"type": "string"}},
        "required": ["a", "a", "gone", "not a name"],
    }
    assert tamed(schema) == {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
    }


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(KINDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "items", "properties", "anyOf", "$ref", "enum", "a"]), inner
        )
    ),
    max_leaves=20,
)


def check(part: Any) -> None:
    assert set(part) <= {
        "type", "description", "enum", "items", "properties", "required", "anyOf"
    }  # fmt: skip
    if "array" in str(part.get("type")):
        assert "items" in part
    for inner in (*part.get("properties", {}).values(), *part.get("anyOf", ())):
        check(inner)
    if "items" in part:
        check(part["items"])


@given(st.dictionaries(st.sampled_from(["type", "properties", "required", "anyOf"]), JSON))
def test_whatever_it_was(schema: dict[str, Any]) -> None:
    told: Any = tamed(schema)
    Draft202012Validator.check_schema(told)
    assert len(json.dumps(told)) < 200_000
    assert set(told) == {"type", "properties", "required"}
    check(told)
