"""What the instructions say about opening hours, the caller's name and the language. Pure."""

import re

WEEKDAYS = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?\b"
    r"|\b(?:segunda|ter[çc]a|quarta|quinta|sexta|s[áa]bado|domingo)s?\b",
    re.IGNORECASE,
)
SATURDAY = 5
_WEEK = (
    ("mon", "seg"),
    ("tue", "ter"),
    ("wed", "qua"),
    ("thu", "qui"),
    ("fri", "sex"),
    ("sat", "sab"),
    ("sun", "dom"),
)
_RANGE = re.compile(
    r"\s*(?:-feira\s*)?(?:to|until|through|till|a|até|-|–)(?:\s+a)?\s*", re.IGNORECASE
)
_ABOUT_OPENING = re.compile(
    r"open|clos|hours|\bfrom\b.+\bto\b|\d\s*[-–]\s*\d|abert|abre|fechad|hor[áa]rio|\bdas\b.+\b[àa]s\b",
    re.IGNORECASE,
)
_CUSTOMER_BLOCK = re.compile(r"<customer>(.*?)</customer>", re.DOTALL)
_NAME_LINE = re.compile(r"^\s*name:\s*(\S.*?)\s*$", re.MULTILINE)
_PORTUGUESE = re.compile(
    r"language with the code pt|in portuguese|(?:em|responde\w* em) portugu[êe]s", re.IGNORECASE
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def opening_hours(instructions: str) -> tuple[str, ...]:
    """The sentences that tell when the business is open, as they stand."""
    without_customer = _CUSTOMER_BLOCK.sub("\n", instructions)
    sentences = (
        sentence.strip()
        for line in without_customer.splitlines()
        for sentence in _SENTENCE_END.split(_BULLET.sub("", line))
    )
    return tuple(
        _ended(sentence)
        for sentence in sentences
        if WEEKDAYS.search(sentence) and _ABOUT_OPENING.search(sentence)
    )


def weekdays_in(text: str) -> frozenset[int]:
    """Each weekday named, and those between two with a "to" in the middle; 0 is Monday."""
    days: set[int] = set()
    before: re.Match[str] | None = None
    for found in WEEKDAYS.finditer(text):
        day = _weekday(found)
        days.add(day)
        if before is not None and _RANGE.fullmatch(text[before.end() : found.start()]):
            first = _weekday(before)
            days |= {(first + step) % 7 for step in range((day - first) % 7)}
        before = found
    return frozenset(days)


def customer_name(instructions: str) -> str | None:
    """The newest block counts: it may have come after the call began."""
    for block in reversed(_CUSTOMER_BLOCK.findall(instructions)):
        if found := _NAME_LINE.search(block):
            return found[1]
    return None


def wants_portuguese(instructions: str) -> bool:
    return _PORTUGUESE.search(instructions) is not None


def _weekday(found: re.Match[str]) -> int:
    letters = found[0][:3].lower().replace("á", "a").replace("ç", "c")
    return next(day for day, beginnings in enumerate(_WEEK) if letters in beginnings)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."
