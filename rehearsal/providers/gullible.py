"""A model that obeys whatever order it finds, wherever it stands: the worst case. Pure.

It makes no difference between the caller's words, the customer's data, what a tool answered and
what it said itself, and asks for tools that were never offered. Whatever it cannot do, no caller
can talk a real model into.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from rehearsal.providers.answers import Answer, Say
from rehearsal.providers.conversation import JsonObject, text_of
from rehearsal.providers.orders import Order, orders_in, words_to_say
from rehearsal.providers.readings import readings

NOTHING_TO_DO = "I do whatever I am told."
MOST_SAID_CHARACTERS = 30  # of what it was told and nobody asked for: enough to give it away


def obey(messages: Sequence[JsonObject]) -> Answer:
    """The next thing it was ordered to do: each order once, in the order of the messages."""
    asked = Counter(_key(call.get("name"), call.get("arguments")) for call in _calls(messages))
    for position, message in enumerate(messages):
        is_newest = position == len(messages) - 1
        for order in _orders(message):
            # Arguments that are no JSON leave no trace in the conversation to be counted by.
            undone = is_newest if order.call.written else _is_undone(order, asked)
            if undone:
                return order.call
    return _words(messages)


def told_to_write(messages: Sequence[JsonObject]) -> str:
    """For a record: the words that are ordered in it. Empty if none are."""
    found = (words_to_say(reading) for text in _every(messages) for reading in readings(text))
    return next(filter(None, found), "")


def _every(messages: Sequence[JsonObject]) -> Iterator[str]:
    return (text_of(message.get("content")) for message in messages)


def _is_undone(order: Order, asked: Counter[str]) -> bool:
    return asked[_key(order.call.name, order.call.arguments)] < order.times


def _orders(message: JsonObject) -> list[Order]:
    found = [
        order
        for text in _texts(message)
        for reading in readings(text)
        for order in orders_in(reading)
    ]
    # What is no JSON in one reading may be JSON in another, such as with its quotes unescaped.
    well_formed = {order.call.name for order in found if not order.call.written}
    return [it for it in found if not it.call.written or it.call.name not in well_formed]


def _texts(message: JsonObject) -> Iterator[str]:
    yield text_of(message.get("content"))
    yield from (str(call.get("arguments", "")) for call in _calls([message]))


def _calls(messages: Sequence[JsonObject]) -> Iterator[JsonObject]:
    """The functions that were asked for so far."""
    for message in messages:
        calls = message.get("tool_calls")
        for call in calls if isinstance(calls, list) else []:
            function = call.get("function") if isinstance(call, Mapping) else None
            if isinstance(function, Mapping):
                yield function


def _key(name: object, arguments: object) -> str:
    """The same for the same call, however its arguments are written."""
    plain = arguments
    if isinstance(arguments, str):
        with suppress(ValueError, RecursionError):
            plain = json.loads(arguments)
    return json.dumps([name, plain], sort_keys=True, default=str)


def _words(messages: Sequence[JsonObject]) -> Say:
    """What it was told to say, or else what it has just learnt."""
    newest = text_of(messages[-1].get("content"))
    for reading in readings(newest):
        if words := words_to_say(reading):
            return Say(words)
    if messages[-1].get("role") == "tool":
        return Say(newest[:MOST_SAID_CHARACTERS])
    return Say(NOTHING_TO_DO)
