"""catalog/tools/registry.py and parameters.py: a function becomes a tool."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import pytest

from catalog.stages import Stage
from catalog.tools import registry
from catalog.tools.context import ToolContext, ToolOutcome
from catalog.tools.parameters import ToolArgumentsError
from catalog.tools.registry import ToolSpec, all_tools, lookup, tool
from catalog.tools.spec import Source


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Iterator[ToolSpec]:
    monkeypatch.setattr(registry, "_registered", {})

    @tool(stage=Stage.FULL, timeout_seconds=2.0, changes_something=True, may_repeat=False)
    async def book_visit(
        context: ToolContext,
        day: Annotated[str, "The day, as 2026-11-23."],
        minutes: int = 30,
        price: float = 0.0,
        urgent: bool = False,
        kind: Literal["check-up", "cleaning"] = "check-up",
        notes: list[str] | None = None,
    ) -> ToolOutcome:
        """Book a visit
        for the caller.

        What stands here is for programmers.
        """
        return ToolOutcome(ok=True, data={"day": day, "minutes": minutes})

    spec = lookup("book_visit")
    assert spec is not None
    yield spec


def test_it_takes_name_and_description_from_the_function(book: ToolSpec) -> None:
    assert book.name == "book_visit"
    assert book.description == "Book a visit for the caller."


def test_it_keeps_what_the_decorator_says(book: ToolSpec) -> None:
    assert (book.default_stage, book.timeout_seconds) == (Stage.FULL, 2.0)
    assert (book.changes_something, book.may_repeat) == (True, False)


def test_it_describes_the_parameters_as_json_schema(book: ToolSpec) -> None:
    properties = book.parameters["properties"]
    assert properties == {
        "day": {"type": "string", "description": "The day, as 2026-11-23."},
        "minutes": {"type": "integer", "default": 30},
        "price": {"type": "number", "default": 0.0},
        "urgent": {"type": "boolean", "default": False},
        "kind": {"type": "string", "enum": ["check-up", "cleaning"], "default": "check-up"},
        "notes": {
            "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}],
            "default": None,
        },
    }
    assert book.parameters["required"] == ["day"]
    assert book.parameters["additionalProperties"] is False


async def test_its_handler_takes_the_checked_arguments(book: ToolSpec) -> None:
    arguments = book.check_arguments({"day": "2026-11-23", "minutes": "45"})
    outcome = await book.handler(None, **arguments)
    assert outcome.data == {"day": "2026-11-23", "minutes": 45}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "day: Field required"),
        ({"day": 5}, "day: Input should be a valid string"),
        ({"day": "x", "kind": "crown"}, "kind: Input should be 'check-up' or 'cleaning'"),
        ({"day": "x", "phone": "+12025550143"}, "phone: Extra inputs are not permitted"),
    ],
)
def test_it_tells_the_model_what_to_correct(
    book: ToolSpec, arguments: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ToolArgumentsError, match=complaint):
        book.check_arguments(arguments)


def test_it_refuses_a_second_tool_of_the_same_name(book: ToolSpec) -> None:
    async def book_visit(context: ToolContext) -> ToolOutcome:
        """Another."""
        return ToolOutcome(ok=True)

    with pytest.raises(ValueError, match="book_visit is taken"):
        tool(stage=Stage.FULL)(book_visit)


def test_it_refuses_a_tool_that_nothing_describes(book: ToolSpec) -> None:
    async def mystery(context: ToolContext) -> ToolOutcome:
        return ToolOutcome(ok=True)

    with pytest.raises(ValueError, match="no docstring"):
        tool(stage=Stage.FULL)(mystery)


def test_it_refuses_a_parameter_without_a_type(book: ToolSpec) -> None:
    async def untyped(context: ToolContext, day) -> ToolOutcome:  # type: ignore[no-untyped-def]
        """A tool."""
        return ToolOutcome(ok=True)

    with pytest.raises(TypeError, match="day has no type"):
        tool(stage=Stage.FULL)(untyped)


def test_the_tools_of_the_project_are_there() -> None:
    assert [spec.name for spec in all_tools() if spec.source is Source.BUILT_IN] == [
        "add_customer_fact",
        "book_appointment",
        "cancel_appointment",
        "create_customer",
        "end_call",
        "get_current_time",
        "get_customer",
        "get_customer_facts",
        "list_appointments",
        "send_whatsapp_message",
        "transfer_call",
        "update_customer_status",
    ]
    assert lookup("send_fax") is None


def test_no_tool_asks_for_a_phone_number() -> None:
    """Who is served is settled by the call; a parameter would let a caller ask for anybody."""
    names = {name for spec in all_tools() for name in spec.parameters["properties"]}
    assert not {name for name in names if "phone" in name or "number" in name}


async def test_plain_functions_that_hang_take_no_thread_of_the_event_loops_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those look up the addresses of every provider: there are six of them on two cores."""
    let_go = threading.Event()
    monkeypatch.setattr(registry, "_registered", {})

    @tool(stage=Stage.FULL)
    def legacy_lookup(context: ToolContext) -> ToolOutcome:
        """Look something up, some day."""
        let_go.wait(20.0)
        return ToolOutcome(ok=True)

    spec = lookup("legacy_lookup")
    assert spec is not None
    context: Any = None
    hanging = [asyncio.create_task(spec.handler(context)) for _run in range(registry.THREADS)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(2.0):
        assert await asyncio.to_thread(lambda: "still there") == "still there"
    let_go.set()
    assert all(outcome.ok for outcome in await asyncio.gather(*hanging))
