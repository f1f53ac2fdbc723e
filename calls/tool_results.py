"""What the model reads of a tool's outcome: plain JSON of a bounded size, without unseen text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from calls.prompting import seen
from catalog.tools.context import ToolOutcome

MAX_CHARS = 6_000  # about 1,500 tokens, at every turn that follows


@dataclass(frozen=True, slots=True)
class Result:
    """`fields` is JSON: what the model and the record are told."""

    ok: bool
    fields: Mapping[str, Any] = field(default_factory=dict)

    def for_the_model(self) -> dict[str, Any]:
        return {"ok": self.ok, **self.fields}


def result_of(outcome: ToolOutcome) -> Result:
    """Raises AttributeError or TypeError for what is no ToolOutcome."""
    fields: dict[str, Any] = {str(name): _plain(value) for name, value in outcome.data.items()}
    fields.pop("ok", None)
    if outcome.say:
        fields["say"] = _plain(outcome.say)
    written = json.dumps(fields, ensure_ascii=False)
    if len(written) > MAX_CHARS:
        say = {"say": fields["say"][:MAX_CHARS]} if "say" in fields else {}
        fields = {**say, "text": written[:MAX_CHARS], "cut_off": True}
    return Result(bool(outcome.ok), fields)


def _plain(value: object) -> Any:
    if isinstance(value, str):
        return seen(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, Mapping):
        return {seen(str(name)): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return seen(str(value))
