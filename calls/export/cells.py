"""One call as a row of a table. docs/privacy.md says what each column holds."""

import json
import re
from collections.abc import Callable
from datetime import datetime

from calls.call_record import TIMINGS
from calls.masking import masked, with_masked_numbers
from calls.models import Call

Cell = str | int | float
# What a spreadsheet takes for the beginning of a formula, and runs.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_NUMBER = re.compile(r"\+\d{1,15}")

OF_THE_CALL = (
    "reported_seconds",
    "usual_reply_ms",
    *TIMINGS,
    "llm_input_tokens",
    "llm_cached_tokens",
    "llm_output_tokens",
    "tts_characters",
    "revision",
)
COLUMNS = (
    "call_sid",
    "rang_at",
    "started_at",
    "ended_at",
    "duration_s",
    "from",
    "to",
    "customer",
    "agent",
    "status",
    "ended_by",
    "rating",
    "tags",
    "survey_score",
    "recording",
    "summary",
    "details",
    "prompt",
    "prompt_version",
    "greeting_clip",
    "clip_version",
    *OF_THE_CALL,
)


def cells(call: Call, *, with_numbers: bool) -> list[Cell]:
    """In the order of COLUMNS. `call` comes with its review and its survey."""
    words: Callable[[str], str] = str if with_numbers else with_masked_numbers
    review, survey = getattr(call, "review", None), getattr(call, "survey", None)
    details = json.dumps(call.details, ensure_ascii=False) if call.details else ""
    return [
        call.call_sid,
        moment(call.created_at),
        moment(call.started_at),
        moment(call.ended_at),
        "" if call.duration_ms is None else round(call.duration_ms / 1_000, 1),
        number(call.from_number) if with_numbers else masked(call.from_number),
        number(call.to_number),
        *map(harmless, (words(call.customer_name), call.agent_name)),
        call.status,
        call.ended_by,
        _figure(review.rating if review is not None else None),
        harmless(review.tags if review is not None else ""),
        _figure(survey.score if survey is not None else None),
        call.recording_state,
        *map(harmless, (words(call.summary), words(details), call.prompt_name)),
        _figure(call.prompt_version),
        harmless(call.clip_name),
        _figure(call.clip_version),
        *(_figure(getattr(call, name)) for name in OF_THE_CALL),
    ]


def harmless(text: str) -> str:
    """The text, led by an apostrophe where a spreadsheet would run it."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) or text[:1] in FORMULA else text


def number(text: str) -> str:
    """As it is if it is one: a plus and digits run as themselves, and programs read them."""
    return text if _NUMBER.fullmatch(text) else harmless(text)


def moment(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds")


def _figure(value: float | None) -> Cell:
    if value is None:
        return ""
    return round(value, 1) if isinstance(value, float) else value
