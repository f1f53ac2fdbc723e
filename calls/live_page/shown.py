"""What does one page know already? Each line once, from whichever side it comes first."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from calls.live_page.wire import Card, card_of
from calls.live_page.words_so_far import WrittenLine
from calls.masking import masked, with_masked_numbers
from calls.models import EndedBy
from calls.titles import EVENTS, OUTCOMES

UNHEARD_OF_SECONDS = 20.0  # a process that is killed says nothing of its calls any more

Message = dict[str, Any]


@dataclass(eq=False, slots=True)
class _ShownCall:
    heard_of_at: float
    targets: tuple[str, ...]
    lines: set[tuple[str, int, str]] = field(default_factory=set)


class Shown:
    """Turns what is heard and read into messages for the browser."""

    def __init__(self, *, sees_numbers: bool) -> None:
        self.sees_numbers = sees_numbers
        self._calls: dict[str, _ShownCall] = {}

    def __contains__(self, call_sid: str) -> bool:
        return call_sid in self._calls

    @property
    def call_sids(self) -> list[str]:
        return list(self._calls)

    def target_shown_as(self, name: str, call_sid: str) -> str:
        """Its own name. What could be two of them is none: nobody is put through to the wrong."""
        call = self._calls.get(call_sid)
        meant = [it for it in (call.targets if call else ()) if self._text(it) == name]
        return meant[0] if len(meant) == 1 else name

    def cards(self, cards: Iterable[Mapping[str, Any]]) -> Iterator[Message]:
        for fields in cards:
            yield from self._card(card_of(fields))

    def entry(self, entry: Mapping[str, Any]) -> Iterator[Message]:
        """One of a batch that a process has sent."""
        kind, call_sid = entry["kind"], entry.get("call_sid", "")
        if kind == "call":
            yield from self._card(card_of(entry["card"]))
        elif call_sid not in self._calls:
            return  # Its card is on its way, and its words will be read.
        elif kind == "over":
            yield from self.over(call_sid, entry["ended_by"])
        elif kind == "line":
            yield from self._line(
                WrittenLine(
                    call_sid,
                    entry["speaker"],
                    entry["text"],
                    entry["at_ms"],
                    entry["interrupted"],
                )
            )
        elif kind == "saying":
            text = self._text(entry["text"])
            yield {"kind": kind, "call": call_sid, "speaker": entry["speaker"], "text": text}
        elif kind == "known":
            customer = self._text(entry["customer"])
            yield {"kind": kind, "call": call_sid, "customer": customer}
        else:
            yield {"kind": "note", "call": call_sid, "text": self._note(entry)}

    def written(self, lines: Iterable[WrittenLine]) -> Iterator[Message]:
        for line in lines:
            if line.call_sid in self._calls:
                yield from self._line(line)

    def over(self, call_sid: str, ended_by: str) -> Iterator[Message]:
        if self._calls.pop(call_sid, None) is not None:
            by = str(EndedBy(ended_by).label) if ended_by in EndedBy.values else ""
            yield {"kind": "over", "call": call_sid, "ended_by": by}

    def gone(self) -> Iterator[Message]:
        """Calls of which nobody has told anything for a while."""
        since = time.monotonic() - UNHEARD_OF_SECONDS
        for call_sid in [sid for sid, call in self._calls.items() if call.heard_of_at < since]:
            yield from self.over(call_sid, "")

    def still_there(self) -> None:
        """Nobody could have told anything: the channel layer was away."""
        for call in self._calls.values():
            call.heard_of_at = time.monotonic()

    def _card(self, card: Card) -> Iterator[Message]:
        call = self._calls.get(card.call_sid)
        if call is not None:
            call.heard_of_at = time.monotonic()
            return
        self._calls[card.call_sid] = _ShownCall(time.monotonic(), card.targets)
        yield {
            "kind": "call",
            "call": card.call_sid,
            "number": card.number if self.sees_numbers else masked(card.number),
            "customer": self._text(card.customer),
            "agent": card.agent,
            "age_ms": round(card.age_ms),
            "targets": [self._text(name) for name in card.targets],
        }

    def _line(self, line: WrittenLine) -> Iterator[Message]:
        known = self._calls[line.call_sid].lines
        identity = (line.speaker, round(line.at_ms), line.text)
        if identity in known:
            return
        known.add(identity)
        yield {
            "kind": "line",
            "call": line.call_sid,
            "speaker": line.speaker,
            "text": self._text(line.text),
            "at_ms": round(line.at_ms),
            "interrupted": line.interrupted,
        }

    def _text(self, text: str) -> str:
        return text if self.sees_numbers else with_masked_numbers(text)

    def _note(self, entry: Mapping[str, Any]) -> str:
        if entry["kind"] == "tool":
            outcome = OUTCOMES.get(entry["outcome"], entry["outcome"])
            return f"{entry['name']}: {outcome}"
        title, detail = str(EVENTS.get(entry["name"], entry["name"])), entry["detail"]
        return self._text(f"{title}: {detail}" if detail else title)
