"""What the agent fills into an HTTP tool, and the places {name} that it goes to. Pure."""

import math
import re
from collections.abc import Mapping

Value = str | int | float | bool | None

LARGEST_NUMBER = 10**15  # Every whole number up to there is exact, wherever it is read.

PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class TemplateUnusable(Exception):
    """No request can be made of this; the message is a sentence for staff."""


class ValueUnusable(Exception):
    """This value cannot stand there. The message names the parameters, not the value."""


def as_text(name: str, values: Mapping[str, Value]) -> str:
    """Empty for what is not given. Raises ValueUnusable."""
    value = sane(name, values)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def sane(name: str, values: Mapping[str, Value]) -> Value:
    """With its type; 5.0 as 5, None for what is not given. Raises ValueUnusable."""
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if not math.isfinite(value) or abs(value) > LARGEST_NUMBER:
        raise ValueUnusable(name)
    return int(value) if value == int(value) else value
