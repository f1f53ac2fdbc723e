"""The body of an HTTP tool: JSON, with places for what the agent fills in.

A value stays within one JSON value: none can add a key or end a string.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.tools.http_values import PLACE, TemplateUnusable, Value, as_text, sane


@dataclass(frozen=True, slots=True)
class BodyTemplate:
    """JSON. "{name}" alone becomes the value with its type, null if it is not given."""

    written: str

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(
            name for text in _texts(json.loads(self.written)) for name in PLACE.findall(text)
        )

    def filled(self, values: Mapping[str, Value]) -> bytes:
        """Raises ValueUnusable."""
        return json.dumps(_with_values(json.loads(self.written), values)).encode("ascii")


def body_template(written: str) -> BodyTemplate | None:
    """None if there is none. Raises TemplateUnusable."""
    if not written.strip():
        return None
    try:
        parsed = json.loads(written)
        json.dumps(parsed, allow_nan=False)
        keys = list(_keys(parsed))
    except (ValueError, RecursionError) as error:
        raise TemplateUnusable(
            _('The body is not JSON. Parameters stand in quotes as well: "{name}".')
        ) from error
    if any(PLACE.search(key) for key in keys):
        raise TemplateUnusable(_("In the body, parameters can only stand to the right of a colon."))
    return BodyTemplate(written)


def _with_values(part: Any, values: Mapping[str, Value]) -> Any:
    if isinstance(part, str):
        alone = PLACE.fullmatch(part)
        if alone:
            return sane(alone[1], values)
        return PLACE.sub(lambda match: as_text(match[1], values), part)
    if isinstance(part, list):
        return [_with_values(item, values) for item in part]
    if isinstance(part, dict):
        return {key: _with_values(item, values) for key, item in part.items()}
    return part


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    for item in _within(part):
        yield from _texts(item)


def _keys(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from part
    for item in _within(part):
        yield from _keys(item)


def _within(part: Any) -> list[Any]:
    if isinstance(part, dict):
        return list(part.values())
    return part if isinstance(part, list) else []
