"""catalog/tools/mcp_listing.py: what a server lists, as tools that can be offered."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.types import Tool

from catalog.tools.context import ToolContext, ToolOutcome
from catalog.tools.mcp_listing import MOST_TOOLS, ToolUnusable, listing, offered_name, quick_part
from catalog.tools.mcp_seen import SeenTool, seen_tool
from catalog.tools.parameters import ToolArgumentsError
from catalog.tools.registry import NAME
from catalog.tools.schema_check import SchemaCheck


async def handler(context: ToolContext, **arguments: Any) -> ToolOutcome:
    return ToolOutcome(ok=True)


def listed(*tools: Tool, server: str = "crm") -> Any:
    return listing(server, tools, lambda name: handler)


def make(name: str = "search", **schema: Any) -> Tool:
    return Tool(name=name, input_schema={"type": "object", **schema})


@given(st.text(max_size=100))
def test_every_offered_name_is_one_that_models_take(name: str) -> None:
    try:
        offered = offered_name("crm", name)
    except ToolUnusable:
        return
    assert NAME.fullmatch(offered) and offered.startswith("crm_")


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("search", "crm_search"),
        ("Search-Records", "crm_search_records"),
        ("crm/find.all", "crm_crm_find_all"),
        ("a" * 100, "crm_" + "a" * 60),
    ],
)
def test_names_are_made_to_fit(written: str, offered: str) -> None:
    assert offered_name("crm", written) == offered


def test_a_name_that_the_code_has_stays_with_the_code() -> None:
    found = listed(make("call"), server="end")  # which would be end_call
    assert found.offered == ()
    assert "end_call" in found.seen[0].problem


def test_the_order_of_the_answer_is_no_change() -> None:
    one, other = make("one"), make("other")
    assert listed(one, other) == listed(other, one)


def test_more_tools_than_a_model_can_look_through_are_left_out() -> None:
    found = listed(*(make(f"tool_{number:03}") for number in range(MOST_TOOLS + 3)))
    assert len(found.offered) == MOST_TOOLS
    assert sum(bool(tool.problem) for tool in found.seen) == 3


def test_a_schema_made_to_take_hours_is_offered_and_checked_at_once() -> None:
    doubling = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    (tool,) = listed(
        make(
            properties={
                "word": {"type": "string", "pattern": "^(a+)+$"},
                "nest": {"$ref": "#/$defs/d0"},
                "kind": {"enum": ["small", "large"]},
            },
            required=["word"],
            additionalProperties=False,
            **{"$defs": {**doubling, "d40": {"type": "integer"}}},
        )
    ).offered
    assert "pattern" not in str(tool.parameters), "the server checks that"
    tool.check_arguments({"word": "a" * 60 + "!", "nest": {}})
    for wrong in ({}, {"word": 5}, {"word": "a", "kind": "huge"}, {"word": "a", "other": 1}):
        with pytest.raises(ToolArgumentsError):
            tool.check_arguments(wrong)


def test_the_quick_part_refuses_nothing_that_the_whole_allows() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"]}, "b": True},
        "patternProperties": {"^x": {"type": "integer"}},
        "additionalProperties": False,
    }
    for fine in ({"a": None}, {"b": 5}, {"x1": 3}):
        SchemaCheck(schema).check(fine)
        SchemaCheck(quick_part(schema)).check(fine)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array"},
        {"properties": {"a": {"type": "no type"}}},
        {"properties": {"a": {"description": "a\x00b"}}},
    ],
)
def test_what_is_no_schema_is_left_out(schema: dict[str, Any]) -> None:
    tool = Tool(name="odd", input_schema={"type": "object", **schema})
    found = listed(tool, make("even"))
    assert [spec.name for spec in found.offered] == ["crm_even"]
    assert "JSON Schema" in found.seen[-1].problem


def test_what_was_kept_is_read_again_and_what_was_not_written_by_us_is_not() -> None:
    tool = SeenTool("crm_search", "Search.", {"type": "object"}, False, "")
    assert seen_tool(tool.as_json()) == tool
    for odd in (None, 5, [], {}, {"name": 7}):
        assert seen_tool(odd) is None
