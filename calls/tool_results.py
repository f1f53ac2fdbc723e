"""What the model reads of a tool's outcome: plain JSON of a bounded size, without unseen text."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from calls.prompting import seen
from catalog.tools.context import ToolOutcome

MAX_CHARS = 6_000  # about 1,500 tokens, at every turn that follows
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Result:
    """`fields` is JSON: what the model and the record are told."""

    ok: bool
    fields: Mapping[str, Any] = field(default_factory=dict)

    def for_the_model(self) -> dict[str, Any]:
        return {"ok": self.ok, **self.fields}


def result_of(outcome: ToolOutcome) -> Result:
    """Raises AttributeError, TypeError or ValueError for what is no ToolOutcome."""
    fields: dict[str, Any] = _plain(outcome.data)
    fields.pop("ok", None)
    if outcome.say:
        fields["say"] = _plain(outcome.say)[:MAX_CHARS]
    return Result(bool(outcome.ok), _bounded(fields, keep=("say",)))


def arguments_for_the_record(arguments: object) -> dict[str, Any]:
    """What the model sent, as any database takes it: PostgreSQL refuses a NUL in JSON."""
    plain = _plain(arguments)
    return _bounded(plain if isinstance(plain, dict) else {"not_an_object": plain})


def _bounded(fields: dict[str, Any], keep: tuple[str, ...] = ()) -> dict[str, Any]:
    written = json.dumps(fields, ensure_ascii=False)
    if len(written) <= MAX_CHARS:
        return fields
    kept = {name: fields[name] for name in keep if name in fields}
    return {**kept, "text": written[:MAX_CHARS], "cut_off": True}


def _plain(value: object, depth: int = MAX_DEPTH) -> Any:
    if isinstance(value, str):
        return seen(value[: 2 * MAX_CHARS])
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if not depth:
        return "..."
    if isinstance(value, Mapping):
        return {seen(str(name)): _plain(part, depth - 1) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part, depth - 1) for part in value]
    return seen(str(value))
