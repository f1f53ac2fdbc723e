"""The scripted receptionist: from a conversation to what to say, or which tool to call. Pure.

It is a script and no AI. It knows only what the request tells it, and the same request always
gets the same answer.
"""

import re

from rehearsal.providers.answers import Answer, CallTool, Say
from rehearsal.providers.conversation import Conversation
from rehearsal.providers.errands import carry_on, errand
from rehearsal.providers.intents import Intent, intent_of
from rehearsal.providers.named_tools import tool_asked_for
from rehearsal.providers.phrases import ENGLISH, PORTUGUESE, Phrases
from rehearsal.providers.prompt_reading import (
    SATURDAY,
    customer_name,
    opening_hours,
    wants_portuguese,
    weekdays_in,
)
from rehearsal.providers.tool_talk import say_result

__all__ = ["Answer", "CallTool", "Say", "answer"]

LONG_ENOUGH_CHARACTERS = 110  # six seconds and more of speech, so that it can be interrupted
TOOL_BY_INTENT = {Intent.CLOCK: "get_current_time", Intent.WHO_AM_I: "get_customer"}

_QUOTED_ORDER = re.compile(r"\b(?:say|dig[ao]|diz)\b[^\"“”]*[\"“]([^\"”]+)[\"”]", re.IGNORECASE)
_ORDER_MISSED = re.compile(r"may have said|did not (?:hear|catch|understand)", re.IGNORECASE)
_ORDER_SILENCE = re.compile(r"silen|quiet|still there|calad|em linha|na linha", re.IGNORECASE)
_ORDER_GOODBYE = re.compile(r"good ?bye|farewell|hang up|end the call|desped", re.IGNORECASE)
_ORDER_GO_ON = re.compile(r"\bgo on where you were\b", re.IGNORECASE)
_EDGE_WORD = re.compile(
    r"an?|and|the|i|i'd|i'm|you|we|it|is|am|are|was|be|to|of|for|with|please|would|like|want|could"
    r"|can|do|does|have|need|hello|hi|hey|so|well|u[mh]|my|me"
    r"|que|o|eu|uma?|quero|gostaria|de|por|favor|olá",
    re.IGNORECASE,
)


def answer(conversation: Conversation) -> Answer:
    phrases = PORTUGUESE if wants_portuguese(conversation.instructions) else ENGLISH
    name = customer_name(conversation.instructions)
    if conversation.tool_results:
        if next_step := carry_on(conversation):
            return next_step
        return Say(" ".join(say_result(found, phrases) for found in conversation.tool_results))
    if conversation.order is not None and not _ORDER_GO_ON.search(conversation.order):
        return Say(_obey(conversation.order, phrases, name))
    if conversation.caller_words is None:
        greeted = bool(conversation.last_said)
        return Say(phrases.anything_else if greeted else _named(phrases.greeting, name))
    words = conversation.caller_words
    if asked_for := tool_asked_for(words, conversation.offered_tools):
        return asked_for
    return errand(conversation, words, phrases) or _reply(conversation, words, phrases, name)


def _reply(conversation: Conversation, words: str, phrases: Phrases, name: str | None) -> Answer:
    intent = intent_of(words)
    hours = opening_hours(conversation.instructions)
    tool = TOOL_BY_INTENT.get(intent)
    if tool in conversation.offered_tools and tool is not None:
        return CallTool(tool)
    match intent:
        case Intent.GOODBYE:
            goodbye = _named(phrases.goodbye, name)
            if "end_call" in conversation.offered_tools:
                return CallTool("end_call", {"goodbye": goodbye})
            return Say(goodbye)
        case Intent.HOURS:
            return Say(_all_hours(hours, phrases, name))
        case Intent.WEEKDAY:
            return Say(_hours_on(weekdays_in(words), hours, phrases, name))
        case Intent.HOLD_ON if weekdays_in(conversation.last_said):
            return Say(_hours_on(frozenset({SATURDAY}), hours, phrases, name))
        case Intent.WHO_AM_I if name:
            return Say(phrases.you_are.format(name=name))
        case Intent.OTHER:
            return Say(_clarify(words, phrases))
    return Say(_named(_SIMPLE[intent](phrases), name))


_SIMPLE = {
    Intent.HOLD_ON: lambda phrases: phrases.listening,
    Intent.WHO_AM_I: lambda phrases: phrases.unknown_caller,
    Intent.CLOCK: lambda phrases: phrases.no_clock,
    Intent.QUESTION: lambda phrases: phrases.your_question,
    Intent.NO: lambda phrases: phrases.no,
    Intent.YES: lambda phrases: phrases.yes,
    Intent.THANKS: lambda phrases: phrases.you_are_welcome,
}


def _named(phrase: str, name: str | None) -> str:
    """Addressed to the caller by first name, where there is one."""
    return phrase.format(name=f", {name.split()[0]}" if name else "")


def _all_hours(hours: tuple[str, ...], phrases: Phrases, name: str | None) -> str:
    if not hours:
        return phrases.no_hours
    text = _named(phrases.of_course, name)
    for sentence in hours:
        if len(text) >= LONG_ENOUGH_CHARACTERS:
            break
        text = f"{text} {sentence}"
    return text


def _hours_on(
    weekdays: frozenset[int], hours: tuple[str, ...], phrases: Phrases, name: str | None
) -> str:
    about = [sentence for sentence in hours if weekdays & weekdays_in(sentence)]
    if not about:
        return _all_hours(hours, phrases, name)
    return f"{_named(phrases.of_course, None)} {about[0]}"


def _obey(order: str, phrases: Phrases, name: str | None) -> str:
    if quoted := _QUOTED_ORDER.search(order):
        return quoted[1]
    if _ORDER_MISSED.search(order):
        return phrases.say_again
    if _ORDER_SILENCE.search(order):
        return phrases.still_there
    if _ORDER_GOODBYE.search(order):
        return _named(phrases.goodbye, name)
    return phrases.anything_else


def _clarify(words: str, phrases: Phrases) -> str:
    """Repeat what was heard, without the small words at its edges."""
    kept = re.findall(r"[\w'’-]+", words)
    while kept and _EDGE_WORD.fullmatch(kept[0]):
        kept.pop(0)
    while kept and _EDGE_WORD.fullmatch(kept[-1]):
        kept.pop()
    return phrases.you_said.format(words=" ".join(kept)) if kept else phrases.say_again
