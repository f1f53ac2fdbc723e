"""What was said in a call, and heard, and which tools ran: what it needs to be resumed.

Kept beside the pipeline, whose own conversation ends with it or with its process.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from calls.greeting import text_heard
from calls.happenings import Said, ToolRan

MOST_ENTRIES = 200  # the latest; an hour of talk has about 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the conversation, or one tool: then `text` is its name."""

    who: Literal["caller", "agent", "tool"]
    text: str
    at_ms: float
    end_ms: float
    interrupted: bool = False
    arguments: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)


class SoFar:
    """The conversation of one call, in the order of its times."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        self.entries: list[Entry] = list(entries)
        self.on_change: Callable[[], None] = lambda: None

    def said(self, said: Said) -> None:
        who: Literal["caller", "agent"] = "caller" if said.speaker == "caller" else "agent"
        end_ms = said.end_ms if said.end_ms is not None else said.at_ms
        self._add(Entry(who, said.text, said.at_ms, end_ms, said.interrupted))

    def ran(self, ran: ToolRan) -> None:
        self._add(
            Entry(
                "tool",
                ran.name,
                ran.at_ms,
                ran.at_ms + ran.ms,
                arguments=dict(ran.arguments),
                result=dict(ran.result),
            )
        )

    def cut(self, at_ms: float) -> None:
        """The line was dead from here on: what was said into it was not heard."""
        self.entries = [it for it in (_heard_until(at_ms, it) for it in self.entries) if it.text]
        self.on_change()

    @property
    def owes_an_answer(self) -> bool:
        """The caller spoke last, or what the agent said did not reach them whole."""
        if not self.entries:
            return False
        last = self.entries[-1]
        return last.who != "agent" or last.interrupted

    def messages(self) -> list[dict[str, Any]]:
        """The conversation as a model takes it."""
        found: list[dict[str, Any]] = []
        for number, entry in enumerate(self.entries):
            if entry.who == "tool":
                found += _tool_messages(f"earlier_{number}", entry)
            elif entry.text:
                role = "user" if entry.who == "caller" else "assistant"
                found.append({"role": role, "content": entry.text})
        return found

    def _add(self, entry: Entry) -> None:
        # A line is told when it is over, so one that began earlier may come later.
        place = len(self.entries)
        while place and self.entries[place - 1].at_ms > entry.at_ms:
            place -= 1
        self.entries.insert(place, entry)
        del self.entries[:-MOST_ENTRIES]
        self.on_change()


def _heard_until(at_ms: float, entry: Entry) -> Entry:
    """Words are taken to be spread evenly: their own times ended with the pipeline."""
    if entry.who != "agent" or entry.end_ms <= at_ms:
        return entry
    heard_ms, all_ms = max(0.0, at_ms - entry.at_ms), round(entry.end_ms - entry.at_ms)
    return replace(
        entry, text=text_heard(entry.text, (), heard_ms, max(1, all_ms)), interrupted=True
    )


def _tool_messages(call_id: str, entry: Entry) -> list[dict[str, Any]]:
    function = {"name": entry.text, "arguments": json.dumps(entry.arguments)}
    asked = {"id": call_id, "type": "function", "function": function}
    return [
        {"role": "assistant", "tool_calls": [asked]},
        {"role": "tool", "tool_call_id": call_id, "content": json.dumps(entry.result)},
    ]
