"""What the scripted receptionist does for a caller, with the tools it was offered."""

import json

import pytest

from rehearsal.providers.answers import Answer, CallTool, Say
from rehearsal.providers.conversation import JsonObject, read_conversation
from rehearsal.providers.phrases import ENGLISH, PORTUGUESE
from rehearsal.providers.receptionist import answer

PROMPT = "You are the receptionist of Silver Birch Dental. Open Monday to Friday from 9 to 6."
IN_PORTUGUESE = "Answer in the language with the code pt."
ALL = (
    "add_customer_fact",
    "book_appointment",
    "cancel_appointment",
    "create_customer",
    "end_call",
    "get_current_time",
    "get_customer",
    "list_appointments",
    "send_whatsapp_message",
    "transfer_call",
)
NEEDS_NAME = {"ok": False, "needs": "name", "say": "May I have your name?"}
TAKEN = {
    "ok": False,
    "free": ["2026-12-01 15:30", "2026-12-01 16:00"],
    "say": "That time is taken. On Tuesday I could offer 15:30 or 16:00.",
}
TUESDAY_AT_THREE = {"date": "Tuesday", "time": "3 pm"}


def caller(words: str) -> JsonObject:
    return {"role": "user", "content": words}


def agent(words: str) -> JsonObject:
    return {"role": "assistant", "content": words}


def used(tool: str, arguments: JsonObject, result: JsonObject) -> list[JsonObject]:
    """The receptionist called a tool, and this came back."""
    function = {"name": tool, "arguments": json.dumps(arguments)}
    call = {"id": f"call_{tool}", "type": "function", "function": function}
    return [
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": f"call_{tool}", "content": json.dumps(result)},
    ]


def next_answer(
    *messages: JsonObject, tools: tuple[str, ...] = ALL, prompt: str = PROMPT
) -> Answer:
    schemas = [{"type": "function", "function": {"name": name}} for name in tools]
    return answer(read_conversation([{"role": "system", "content": prompt}, *messages], schemas))


def ask(words: str, tools: tuple[str, ...] = ALL) -> Answer:
    return next_answer(agent("How can I help you?"), caller(words), tools=tools)


# Booking ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("I'd like to book an appointment for Tuesday at three pm.", TUESDAY_AT_THREE),
        ("Can I have an appointment tomorrow at noon?", {"date": "tomorrow", "time": "noon"}),
        (
            "Queria marcar uma consulta para terça-feira às três da tarde.",
            {"date": "terça-feira", "time": "3 da tarde"},
        ),
    ],
)
def test_it_books_what_the_caller_asks_for(words: str, arguments: JsonObject) -> None:
    assert ask(words) == CallTool("book_appointment", arguments)


def test_it_asks_when_and_books_what_it_is_told_then() -> None:
    first = caller("I would like to book an appointment.")
    assert next_answer(first) == Say(ENGLISH.book_when)
    assert next_answer(first, prompt=PROMPT + IN_PORTUGUESE) == Say(PORTUGUESE.book_when)
    told = next_answer(first, agent(ENGLISH.book_when), caller("Tuesday at three p m."))
    assert told == CallTool("book_appointment", {"date": "Tuesday", "time": "3 p m"})


def test_it_asks_for_the_time_and_remembers_the_day() -> None:
    first = caller("Book an appointment for Tuesday please.")
    assert next_answer(first) == Say(ENGLISH.book_time)
    told = next_answer(first, agent(ENGLISH.book_time), caller("At three pm."))
    assert told == CallTool("book_appointment", TUESDAY_AT_THREE)


@pytest.mark.parametrize("words", ["My name is Anna Silva.", "Anna Silva", "It's Anna Silva."])
def test_it_puts_the_caller_on_record_when_the_booking_needs_a_name(words: str) -> None:
    told = next_answer(
        caller("Book an appointment for Tuesday at three pm."),
        *used("book_appointment", TUESDAY_AT_THREE, NEEDS_NAME),
        agent("May I have your name?"),
        caller(words),
    )
    assert told == CallTool("create_customer", {"name": "Anna Silva"})


def test_it_goes_on_with_the_booking_once_the_caller_is_on_record() -> None:
    told = next_answer(
        caller("Book an appointment for Tuesday at three pm."),
        *used("book_appointment", TUESDAY_AT_THREE, NEEDS_NAME),
        agent("May I have your name?"),
        caller("My name is Anna Silva."),
        *used("create_customer", {"name": "Anna Silva"}, {"ok": True, "say": "On record."}),
    )
    assert told == CallTool("book_appointment", TUESDAY_AT_THREE)


def test_it_books_nothing_more_when_no_booking_was_waiting() -> None:
    told = next_answer(
        caller("My name is Anna Silva."),
        *used("create_customer", {"name": "Anna Silva"}, {"ok": True, "say": "On record."}),
    )
    assert told == Say("On record.")


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("Half past three, please.", {"date": "2026-12-01", "time": "Half past 3"}),
        ("Yes please.", {"date": "2026-12-01", "time": "15:30"}),
        ("Wednesday at noon then.", {"date": "Wednesday", "time": "noon"}),
    ],
)
def test_it_takes_another_time_that_was_offered(words: str, arguments: JsonObject) -> None:
    told = next_answer(
        caller("Book an appointment for Tuesday at three pm."),
        *used("book_appointment", TUESDAY_AT_THREE, TAKEN),
        agent(str(TAKEN["say"])),
        caller(words),
    )
    assert told == CallTool("book_appointment", arguments)


def test_a_time_is_no_booking_when_nothing_was_offered() -> None:
    assert not isinstance(ask("Are you open on Tuesday at noon?"), CallTool)


# Other errands ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("What appointments do I have?", CallTool("list_appointments")),
        ("Do I have an appointment?", CallTool("list_appointments")),
        ("Tenho alguma consulta?", CallTool("list_appointments")),
        ("Please cancel my appointment.", CallTool("cancel_appointment")),
        (
            "Cancel my appointment on Tuesday.",
            CallTool("cancel_appointment", {"date": "Tuesday"}),
        ),
        ("Quero desmarcar a consulta.", CallTool("cancel_appointment")),
        (
            "Please remember that I prefer mornings.",
            CallTool("add_customer_fact", {"fact": "I prefer mornings."}),
        ),
        (
            "Anote que prefiro de manhã.",
            CallTool("add_customer_fact", {"fact": "Prefiro de manhã."}),
        ),
        (
            "Can you send me that on WhatsApp?",
            CallTool("send_whatsapp_message", {"text": "How can I help you?"}),
        ),
    ],
)
def test_it_runs_an_errand(words: str, call: CallTool) -> None:
    assert ask(words) == call


def test_it_says_which_appointment_was_meant() -> None:
    which = {"ok": False, "say": "Which one would you like to cancel?"}
    told = next_answer(
        caller("Cancel my appointment."),
        *used("cancel_appointment", {}, which),
        agent("Which one would you like to cancel?"),
        caller("The one on Tuesday."),
    )
    assert told == CallTool("cancel_appointment", {"date": "Tuesday"})


@pytest.mark.parametrize(
    ("words", "to"),
    [
        ("Can I speak to a person?", ""),
        ("Can I talk to a real person please?", ""),
        ("Put me through to someone.", ""),
        ("Can I speak to billing?", "billing"),
        ("Please put me through to the front desk.", "front desk"),
        ("Queria falar com uma pessoa.", ""),
        ("Pode passar a chamada para a Joana?", "Joana"),
    ],
)
def test_it_puts_the_caller_through(words: str, to: str) -> None:
    assert ask(words) == CallTool(
        "transfer_call",
        {"to": to, "announcement": ENGLISH.putting_through, "summary": f"The caller said: {words}"},
    )


def test_it_knows_nobody_called_you() -> None:
    assert not isinstance(ask("Can I talk to you about something?"), CallTool)


@pytest.mark.parametrize(
    "words",
    [
        "I'd like to book an appointment for Tuesday at three pm.",
        "Please cancel my appointment.",
        "Please remember that I prefer mornings.",
        "Can I speak to a person?",
        "Can you send me that on WhatsApp?",
    ],
)
def test_it_only_talks_without_the_tools(words: str) -> None:
    assert isinstance(ask(words, tools=("end_call",)), Say)


def test_a_goodbye_goes_before_every_errand() -> None:
    told = ask("That is all, I have an appointment to keep, goodbye.")
    assert isinstance(told, CallTool) and told.name == "end_call"
