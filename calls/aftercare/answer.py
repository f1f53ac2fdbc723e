"""What of the model's answer is kept? Plain text of a bounded length that fits the schema. Pure.

The answer may be anything: what was said in a call can talk a model into any words.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from calls.prompting import seen

MOST_SUMMARY_LINES, MOST_SUMMARY_CHARACTERS = 2, 400
MOST_TEXT_CHARACTERS = 400  # of one text in the details
MOST_DETAILS_CHARACTERS = 4_000  # as JSON
_NO_MARKUP = str.maketrans("<>", "  ")


class Unusable(Exception):
    """The model's answer is not what it was asked for."""


@dataclass(frozen=True, slots=True)
class Written:
    summary: str
    details: dict[str, Any]


def read_answer(text: str, schema: Mapping[str, Any]) -> Written:
    """Raises Unusable, and nothing else whatever the answer is."""
    try:
        # Made plain before it is judged: what is kept is what fits.
        answer = _plain(json.loads(text))
        fits = not any(_validator(schema).iter_errors(answer))
    except (ValueError, RecursionError, Unresolvable) as error:
        raise Unusable from error
    if not fits:
        raise Unusable
    lines = [line.strip() for line in answer["summary"].splitlines() if line.strip()]
    summary = "\n".join(lines[:MOST_SUMMARY_LINES])[:MOST_SUMMARY_CHARACTERS].strip()
    details = answer.get("details", {})
    if not summary or len(json.dumps(details)) > MOST_DETAILS_CHARACTERS:
        raise Unusable
    return Written(summary, details)


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    # With a registry of its own, which is empty: by default it would fetch what a $ref names.
    return Draft202012Validator(schema, registry=Registry())


def _plain(value: Any) -> Any:
    """ValueError for a number that no database takes."""
    if isinstance(value, str):
        return seen(value).translate(_NO_MARKUP)[:MOST_TEXT_CHARACTERS]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not finite")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {_plain(name): _plain(part) for name, part in value.items()}
    return value
