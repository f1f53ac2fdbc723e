"""What the caller wants, by a table of patterns. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from rehearsal.providers.prompt_reading import WEEKDAYS


class Intent(StrEnum):
    GOODBYE = "goodbye"
    WHO_AM_I = "who-am-i"
    WEEKDAY = "weekday"
    HOURS = "hours"
    CLOCK = "clock"
    HOLD_ON = "hold-on"
    QUESTION = "question"
    NO = "no"
    YES = "yes"
    THANKS = "thanks"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Rule:
    intent: Intent
    pattern: re.Pattern[str]


def _rule(intent: Intent, *alternatives: str) -> Rule:
    return Rule(intent, re.compile("|".join(alternatives), re.IGNORECASE))


# The first that matches counts. So "what time do you open" asks for the hours, not for the clock.
RULES = (
    _rule(
        Intent.GOODBYE,
        r"\bgood[ -]?b(?:ye|uy|y)\b|\bbye\b|\bfarewell\b|\bhang up\b",
        r"\bthat(?:'s| is| was| will be) (?:all|it|everything)\b|\bnothing else\b",
        r"\badeus\b|\btchau\b|\batt?é logo\b|\bé tudo\b|\bmais nada\b",
    ),
    _rule(
        Intent.WHO_AM_I,
        r"\bwho (?:i am|am i|i'm)\b|\bmy (?:details|name|record|data)\b|\bknow me\b",
        r"\bquem (?:eu )?sou\b|\bmeus dados\b|\bmeu nome\b",
    ),
    Rule(Intent.WEEKDAY, WEEKDAYS),
    _rule(
        Intent.HOURS,
        r"\bopen(?:s|ed|ing)?\b|\bclos(?:e|es|ed|ing)\b|\bhours\b|\btomorrow\b",
        r"\bhor[áa]rios?\b|\babre[m]?\b|\babert[oa]s?\b|\bfecha[m]?\b|\bamanhã\b",
    ),
    _rule(
        Intent.CLOCK,
        r"\bwhat(?:'s| is)? (?:the )?(?:time|day|date)\b|\btime is it\b|\bthe time\b",
        r"\bque horas\b|\bque dia\b|\bhoras são\b",
    ),
    _rule(Intent.HOLD_ON, r"\bwait\b|\bstop\b|\bhold on\b|\bone moment\b|\bespere?\b|\bpare\b"),
    _rule(Intent.QUESTION, r"\bquestion\b|\bask you\b|\bpergunta\b|\bdúvida\b"),
    _rule(Intent.NO, r"^\W*(?:no|nope|não)\b"),
    _rule(Intent.YES, r"^\W*(?:yes|yeah|okay|ok|sure|sim)\b"),
    _rule(Intent.THANKS, r"\bthank(?:s| you)\b|\bobrigad[oa]\b"),
)


def intent_of(words: str) -> Intent:
    for rule in RULES:
        if rule.pattern.search(words):
            return rule.intent
    return Intent.OTHER
