"""catalog/tools/customers.py and messages.py: about the person on the call, and nobody else."""

from collections.abc import Awaitable, Callable

import pytest

from catalog.tools.context import ToolContext, ToolError, ToolOutcome
from catalog.tools.customers import (
    add_customer_fact,
    create_customer,
    get_customer,
    get_customer_facts,
    update_customer_status,
)
from catalog.tools.messages import send_whatsapp_message
from catalog.tools.registry import all_tools, lookup
from customers import directory as directory_module
from tests.catalog.fake_call import MARIA, MARIAS_NUMBER, FakeCall, FakeDirectory

ANNAS_NUMBER = "+351200000022"

Run = Callable[[ToolContext], Awaitable[ToolOutcome]]
ABOUT_A_PERSON: dict[str, Run] = {
    "create_customer": lambda call: create_customer(call, "Anna Silva"),
    "update_customer_status": lambda call: update_customer_status(call, "active"),
    "get_customer_facts": lambda call: get_customer_facts(call),
    "add_customer_fact": lambda call: add_customer_fact(call, "Has a dog."),
}


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> FakeDirectory:
    directory = FakeDirectory({MARIAS_NUMBER: MARIA})
    monkeypatch.setattr(directory_module, "get_directory", lambda: directory)
    return directory


async def test_it_puts_a_new_caller_on_record(directory: FakeDirectory) -> None:
    call = FakeCall(number=ANNAS_NUMBER, language="pt")
    outcome = await create_customer(call, "  Anna\x00 \n\u202eSilva ")
    anna = directory.people[ANNAS_NUMBER]
    assert (anna.name, anna.language) == ("Anna Silva", "pt")
    assert call.caller.customer == anna, "the rest of the call knows her"
    assert outcome.ok and outcome.say == "You are on record as Anna Silva."


@pytest.mark.parametrize("known_to_the_call", [True, False])
async def test_it_does_not_rename_who_is_on_record(
    directory: FakeDirectory, known_to_the_call: bool
) -> None:
    call = FakeCall(customer=MARIA if known_to_the_call else None)
    outcome = await create_customer(call, "Somebody Else")
    assert directory.people[MARIAS_NUMBER] == MARIA
    assert outcome.say == "You are on record as Maria Lopes."
    assert call.caller.customer == MARIA


@pytest.mark.parametrize(("name", "sentence"), [("  ", "your name"), ("x" * 121, "too long")])
async def test_it_asks_for_a_name_that_can_be_kept(
    directory: FakeDirectory, name: str, sentence: str
) -> None:
    with pytest.raises(ToolError, match=sentence):
        await create_customer(FakeCall(number=ANNAS_NUMBER), name)
    assert ANNAS_NUMBER not in directory.people


async def test_it_looks_for_a_caller_whom_the_call_has_not_heard_of_in_time(
    directory: FakeDirectory,
) -> None:
    call = FakeCall(customer=None)
    assert (await get_customer(call)).data["name"] == "Maria Lopes"
    assert (await get_customer(FakeCall(number=ANNAS_NUMBER))).data == {"known": False}
    directory.away = True
    with pytest.raises(ToolError, match="cannot reach"):
        await get_customer(FakeCall(customer=None))


async def test_it_changes_the_status(directory: FakeDirectory) -> None:
    call = FakeCall(customer=MARIA)
    outcome = await update_customer_status(call, " closed ")
    assert outcome.data == {"status": "closed"}
    assert directory.people[MARIAS_NUMBER].status == "closed"
    assert call.caller.customer == directory.people[MARIAS_NUMBER]


async def test_it_refuses_a_status_that_is_none(directory: FakeDirectory) -> None:
    with pytest.raises(ToolError, match="no such status"):
        await update_customer_status(FakeCall(customer=MARIA), "emperor")


async def test_it_tells_and_adds_facts(directory: FakeDirectory) -> None:
    call = FakeCall(customer=MARIA)
    assert (await get_customer_facts(call)).data == {"facts": ["Prefers mornings."]}
    added = await add_customer_fact(call, " Has  a dog. ")
    assert added.data == {"facts": ["Prefers mornings.", "Has a dog."]}
    assert call.caller.customer is not None
    assert call.caller.customer.facts == ("Prefers mornings.", "Has a dog.")


@pytest.mark.parametrize("fact", ["  ", "x" * 501])
async def test_it_notes_neither_nothing_nor_a_novel(directory: FakeDirectory, fact: str) -> None:
    with pytest.raises(ToolError):
        await add_customer_fact(FakeCall(customer=MARIA), fact)
    assert directory.people[MARIAS_NUMBER] == MARIA


async def test_it_looks_up_who_was_not_known_in_time(directory: FakeDirectory) -> None:
    call = FakeCall(customer=None)
    await add_customer_fact(call, "Has a dog.")
    assert "Has a dog." in directory.people[MARIAS_NUMBER].facts
    assert call.caller.customer is not None and call.caller.customer.name == "Maria Lopes"


@pytest.mark.parametrize("tool", sorted(set(ABOUT_A_PERSON) - {"create_customer"}))
async def test_it_asks_an_unknown_caller_for_the_name(directory: FakeDirectory, tool: str) -> None:
    with pytest.raises(ToolError, match="May I have your name"):
        await ABOUT_A_PERSON[tool](FakeCall(number=ANNAS_NUMBER))


@pytest.mark.parametrize("tool", sorted(ABOUT_A_PERSON))
async def test_it_refuses_a_withheld_number_kindly(directory: FakeDirectory, tool: str) -> None:
    with pytest.raises(ToolError, match="withheld"):
        await ABOUT_A_PERSON[tool](FakeCall(number=None))
    assert directory.asked == []


@pytest.mark.parametrize("tool", sorted(ABOUT_A_PERSON))
async def test_it_says_so_when_the_directory_is_away(
    directory: FakeDirectory, tool: str, caplog: pytest.LogCaptureFixture
) -> None:
    directory.away = True
    with pytest.raises(ToolError, match="cannot reach our records"):
        await ABOUT_A_PERSON[tool](FakeCall())
    assert "The database is away." in caplog.text
    assert MARIAS_NUMBER not in caplog.text


async def test_it_says_so_when_staff_deleted_the_caller_meanwhile(directory: FakeDirectory) -> None:
    directory.people.clear()
    with pytest.raises(ToolError, match="any more"):
        await add_customer_fact(FakeCall(customer=MARIA), "Has a dog.")


# Messages ---------------------------------------------------------------------


async def test_it_writes_to_the_caller() -> None:
    call = FakeCall()
    assert (await send_whatsapp_message(call, " See you\x00 on Tuesday. \nAt 15:00. ")).ok
    assert call.messages == ["See you  on Tuesday.\nAt 15:00."]


@pytest.mark.parametrize(
    ("number", "text", "sentence"),
    [
        (None, "See you.", "withheld"),
        (MARIAS_NUMBER, "  ", "What would you like"),
        (MARIAS_NUMBER, "x" * 1_001, "too long"),
    ],
)
async def test_it_does_not_write(number: str | None, text: str, sentence: str) -> None:
    call = FakeCall(number=number)
    with pytest.raises(ToolError, match=sentence):
        await send_whatsapp_message(call, text)
    assert call.messages == []


# What the model is told -------------------------------------------------------


@pytest.mark.parametrize("spec", all_tools(), ids=lambda spec: spec.name)
def test_no_tool_lets_the_model_choose_a_person(spec) -> None:
    parameters = set(spec.parameters["properties"])
    assert not {
        name for name in parameters if any(part in name for part in ("phone", "number", "_id"))
    }


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("get_customer_by_phone", "get_customer"),
        ("cancel_calendar_event", "cancel_appointment"),
    ],
)
def test_the_names_of_the_first_analysis_still_work(alias: str, name: str) -> None:
    spec = lookup(alias)
    assert spec is not None and spec.name == name
