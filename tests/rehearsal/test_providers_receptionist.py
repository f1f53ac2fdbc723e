"""The script behind the model: what it says to what."""

import pytest

from rehearsal.providers.conversation import read_conversation
from rehearsal.providers.receptionist import Answer, CallTool, Say, answer

PROMPT = """\
You are the receptionist of Silver Birch Dental. Today is Sunday, 22 November 2026.

- Say times and numbers as people say them: nine in the morning, half past two.
- The opening hours are Monday to Friday from 9 in the morning to 6 in the evening. On Saturday \
the clinic is open from 9 in the morning to 1 in the afternoon. On Sunday it is closed.
"""
CUSTOMER = """
<customer>
name: Maria Lopes
notes: Her account was opened on a Monday.
</customer>
"""
WEEK = "The opening hours are Monday to Friday from 9 in the morning to 6 in the evening."
SATURDAY = "On Saturday the clinic is open from 9 in the morning to 1 in the afternoon."
TOOLS = ("get_current_time", "get_customer", "end_call")


def tool_schemas(*names: str) -> list[dict[str, object]]:
    return [{"type": "function", "function": {"name": name}} for name in names]


def ask(words: str, *, prompt: str = PROMPT, tools: tuple[str, ...] = TOOLS) -> Answer:
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": words}]
    return answer(read_conversation(messages, tool_schemas(*tools)))


def after_tool(name: str, result: str, prompt: str = PROMPT) -> Answer:
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    messages = [
        {"role": "system", "content": prompt},
        {"role": "user", "content": "?"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": result},
    ]
    return answer(read_conversation(messages, tool_schemas(*TOOLS)))


@pytest.mark.parametrize(
    "words",
    [
        "What are your opening hours?",
        "what time do you open",
        "When do you close?",
        "Are you open tomorrow?",
        "Qual é o horário?",
    ],
)
def test_it_reads_the_opening_hours_out_of_the_prompt(words: str) -> None:
    assert ask(words) == Say(f"Of course. {WEEK} {SATURDAY}")


def test_it_reads_other_hours_out_of_another_prompt() -> None:
    prompt = "You answer for a bakery.\n* Open Tuesday to Sunday, 6:30 to 14:00"
    assert ask("Your hours, please?", prompt=prompt) == Say(
        "Of course. Open Tuesday to Sunday, 6:30 to 14:00."
    )


def test_it_says_so_when_the_prompt_tells_no_hours() -> None:
    answered = ask("What are your opening hours?", prompt="You are a receptionist.")
    assert answered == Say("I am sorry, I was not told the opening hours.")


def test_it_addresses_a_known_caller_by_first_name() -> None:
    answered = ask("What are your opening hours?", prompt=PROMPT + CUSTOMER)
    assert answered == Say(f"Of course, Maria. {WEEK} {SATURDAY}")


def test_it_takes_no_hours_from_the_customers_data() -> None:
    answered = ask("When are you open?", prompt="You are a receptionist." + CUSTOMER)
    assert answered == Say("I am sorry, I was not told the opening hours.")


@pytest.mark.parametrize("words", ["Wait, are you open on Saturday?", "saturday?", "E ao sábado?"])
def test_it_answers_about_the_day_that_was_asked_for(words: str) -> None:
    assert ask(words) == Say(f"Of course. {SATURDAY}")


def test_it_finds_a_day_between_two_others() -> None:
    assert ask("And on Wednesday?") == Say(f"Of course. {WEEK}")
    assert ask("E à quarta-feira?") == Say(f"Of course. {WEEK}")


def test_it_tells_all_hours_for_a_day_that_is_not_mentioned() -> None:
    prompt = "We are open Monday from 9 to 5. We are closed on Tuesday."
    assert ask("And on Sunday?", prompt=prompt) == Say(f"Of course. {prompt}")


@pytest.mark.parametrize(
    ("last_said", "expected"),
    [
        ("The opening hours are Monday to", f"Of course. {SATURDAY}"),
        ("How can I help you?", "Of course, I am listening."),
    ],
)
def test_it_stops_when_told_to(last_said: str, expected: str) -> None:
    messages = [
        {"role": "system", "content": PROMPT},
        {"role": "assistant", "content": last_said},
        {"role": "user", "content": "Wait, stop."},
    ]
    assert answer(read_conversation(messages, [])) == Say(expected)


def test_it_asks_the_clock_tool_for_the_time() -> None:
    assert ask("What time is it now?") == CallTool("get_current_time")


@pytest.mark.parametrize(
    ("time", "spoken"),
    [
        ("00:07", "12:07 in the morning"),
        ("12:30", "12:30 in the afternoon"),
        ("18:05", "6:05 in the evening"),
    ],
)
def test_it_says_what_the_clock_told(time: str, spoken: str) -> None:
    result = f'{{"ok": true, "weekday": "Sunday", "time": "{time}"}}'
    assert after_tool("get_current_time", result) == Say(f"It is {spoken}, Sunday.")


def test_it_asks_the_customer_tool_who_is_calling() -> None:
    assert ask("Do you know who I am?") == CallTool("get_customer")


def test_it_says_what_the_records_hold() -> None:
    result = '{"ok": true, "known": true, "name": "Maria Lopes", "facts": ["Likes mornings."]}'
    assert after_tool("get_customer", result) == Say(
        "You are Maria Lopes, according to our records. I have a note here: Likes mornings."
    )


def test_it_admits_that_it_does_not_know_the_caller() -> None:
    answered = after_tool("get_customer", '{"ok": true, "known": false}')
    assert answered == Say("I am sorry, I do not find you in our records.")


def test_it_calls_only_tools_that_were_offered() -> None:
    assert ask("What time is it?", tools=()) == Say(
        "I am sorry, I cannot see a clock at the moment."
    )
    assert ask("Who am I?", tools=(), prompt=PROMPT + CUSTOMER) == Say(
        "You are Maria Lopes, according to our records."
    )
    assert ask("Goodbye.", tools=()) == Say("Thank you for calling. Goodbye.")


@pytest.mark.parametrize(
    "words", ["Thank you, goodbye.", "No thank you, that is all.", "Bye!", "É tudo, adeus."]
)
def test_it_ends_the_call_after_a_goodbye(words: str) -> None:
    assert ask(words) == CallTool("end_call", {"goodbye": "Thank you for calling. Goodbye."})


def test_it_says_what_a_tool_wants_said() -> None:
    answered = after_tool("get_customer", '{"ok": false, "say": "Our records are closed."}')
    assert answered == Say("Our records are closed.")


@pytest.mark.parametrize("result", ['{"ok": false}', '{"error": "no such thing"}'])
def test_it_is_sorry_when_a_tool_failed(result: str) -> None:
    assert after_tool("get_customer", result) == Say("I am sorry, that did not work just now.")


def test_it_answers_a_question_that_came_after_a_tools_result() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_customer"}}
    messages = [
        {"role": "system", "content": PROMPT},
        {"role": "user", "content": "Who am I?"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"known": false}'},
        {"role": "user", "content": "Are you open on Saturday?"},
    ]
    assert answer(read_conversation(messages, [])) == Say(f"Of course. {SATURDAY}")


def test_it_opens_the_call_when_nobody_has_spoken() -> None:
    messages = [{"role": "system", "content": PROMPT + CUSTOMER}]
    assert answer(read_conversation(messages, [])) == Say(
        "Hello, Maria, thank you for calling. How can I help you?"
    )


def test_it_does_not_greet_twice() -> None:
    messages = [
        {"role": "system", "content": PROMPT},
        {"role": "assistant", "content": "Thank you for calling."},
    ]
    assert answer(read_conversation(messages, [])) == Say(
        "Is there anything else I can help you with?"
    )


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("The caller is silent. Ask whether they are still there.", "Are you still there?"),
        ('Say exactly: "We close in a minute."', "We close in a minute."),
        ("Say a short farewell.", "Thank you for calling. Goodbye."),
        (
            "The user may have said something that could not be transcribed.",
            "I am sorry, I did not understand. Could you say that again?",
        ),
        ("Offer more help.", "Is there anything else I can help you with?"),
    ],
)
def test_it_acts_on_a_developer_message(order: str, expected: str) -> None:
    messages = [
        {"role": "system", "content": PROMPT},
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "How can I help you?"},
        {"role": "developer", "content": order},
    ]
    assert answer(read_conversation(messages, [])) == Say(expected)


def test_it_answers_the_caller_when_facts_arrive_behind_the_question() -> None:
    messages = [
        {"role": "system", "content": PROMPT},
        {"role": "user", "content": "Are you open on Saturday?"},
        {"role": "developer", "content": CUSTOMER},
    ]
    assert answer(read_conversation(messages, [])) == Say(f"Of course. {SATURDAY}")


def test_it_repeats_what_it_did_not_understand() -> None:
    assert ask("I would like to book an appointment.") == Say(
        "You said: book an appointment. Could you tell me a little more about that?"
    )
    assert ask("Um...") == Say("I am sorry, I did not understand. Could you say that again?")


@pytest.mark.parametrize(
    "language", ["Answer in the language with the code pt-BR.", "Responde em português."]
)
def test_it_speaks_portuguese_when_told_to(language: str) -> None:
    prompt = f"És rececionista. O horário é de segunda a sexta das 9 às 18 horas.\n{language}"
    assert ask("Qual é o vosso horário?", prompt=prompt + CUSTOMER) == Say(
        "Claro, Maria. O horário é de segunda a sexta das 9 às 18 horas."
    )
    assert ask("Obrigada, adeus.", prompt=prompt) == CallTool(
        "end_call", {"goodbye": "Obrigado por ligar. Adeus."}
    )


def test_it_reads_messages_made_of_parts() -> None:
    parts = [{"type": "text", "text": "What time is it?"}]
    messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": parts}]
    read = read_conversation(messages, tool_schemas("get_current_time"))
    assert answer(read) == CallTool("get_current_time")


def test_it_gives_the_same_answer_to_the_same_request() -> None:
    assert {str(ask("Tell me about crowns.")) for _ in range(5)} == {
        str(ask("Tell me about crowns."))
    }
