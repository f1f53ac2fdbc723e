"""What the receptionist says of a tool's result. Pure."""

import re

from rehearsal.providers.conversation import JsonObject, ToolResult
from rehearsal.providers.phrases import Phrases

_CLOCK_TIME = re.compile(r"^(\d{1,2}):(\d{2})")
NOON, EVENING = 12, 18


def say_result(result: ToolResult, phrases: Phrases) -> str:
    fields = result.fields
    if fields.get("say"):
        return str(fields["say"])
    if fields.get("ok") is False or "error" in fields:
        return phrases.failed
    match result.tool:
        case "get_current_time":
            return _say_time(fields, phrases)
        case "get_customer":
            return _say_customer(fields, phrases)
        case "end_call":
            return phrases.goodbye.format(name="")
    return str(fields["text"]) if fields.get("text") else phrases.done


def _say_time(fields: JsonObject, phrases: Phrases) -> str:
    found = _CLOCK_TIME.match(str(fields.get("time", "")))
    if not found:
        return phrases.failed
    hour, minute = int(found[1]), found[2]
    part = phrases.morning if hour < NOON else phrases.afternoon
    part = phrases.evening if hour >= EVENING else part
    on_the_clock = (hour - 1) % NOON + 1
    return phrases.clock.format(
        time=f"{on_the_clock}:{minute}", part_of_day=part, weekday=fields.get("weekday", "")
    )


def _say_customer(fields: JsonObject, phrases: Phrases) -> str:
    name = fields.get("name")
    if fields.get("known") is False or not name:
        return phrases.unknown_caller
    said = phrases.you_are.format(name=name)
    facts = fields.get("facts")
    if isinstance(facts, list) and facts:
        said = f"{said} {phrases.noted.format(fact=facts[0])}"
    return said
