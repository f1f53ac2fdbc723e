"""A clip that is played to the caller, and how far it was heard."""

import asyncio
import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

from calls.played import BYTES_PER_SECOND
from calls.playout import PlayMark, Playout, payload_bytes
from catalog.snapshot import ClipAudio, WordTiming

REALTIME_LEAD_SECONDS = 0.2


def text_heard(text: str, words: tuple[WordTiming, ...], heard_ms: float, duration_ms: int) -> str:
    """The part of `text` that was heard after `heard_ms`: whole words only.

    With word timings it is exact; without, words are taken to be spread evenly by their letters.
    """
    if heard_ms >= duration_ms:
        return text
    if words:
        return " ".join(word.word for word in words if word.end_ms <= heard_ms)
    share = max(0.0, heard_ms) / max(1, duration_ms)
    heard, spoken_chars, all_chars = [], 0, sum(len(word) for word in text.split())
    for word in text.split():
        spoken_chars += len(word)
        if spoken_chars > share * all_chars:
            break
        heard.append(word)
    return " ".join(heard)


@dataclass(frozen=True, slots=True)
class GreetingHeard:
    text: str
    heard_ms: float
    interrupted: bool


class GreetingPlayback:
    """One greeting clip, sent at once and followed by marks that tell how far it was heard."""

    def __init__(
        self, clip: ClipAudio, playout: Playout, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.clip = clip
        self._playout = playout
        self._now = now
        self._marks: list[tuple[PlayMark, float]] = []  # each with the clip's ms it stands for
        self._anchor: tuple[float, float] | None = None  # (moment, ms of the clip heard by then)
        self.begins_at: float | None = None  # monotonic seconds; None until it is sent
        self._outcome: GreetingHeard | None = None

    async def send(self, *, realtime: bool = False) -> None:
        """Send the whole clip. A burst: Twilio buffers, so no stall of ours can be heard.

        `realtime` sends each piece when it is due, for a peer that cannot buffer.
        """
        self.begins_at = self._now() + self._playout.lead_seconds
        self._anchor = (self.begins_at, 0.0)
        sent_bytes = 0
        for payload in self.clip.payloads:
            if realtime:
                await asyncio.sleep(max(0.0, self._playout.lead_seconds - REALTIME_LEAD_SECONDS))
            if self._outcome is not None:
                return
            size = payload_bytes(payload)
            await self._playout.send_payload(payload, size)
            sent_bytes += size
            mark = await self._playout.send_mark("greeting")
            at_ms = min(sent_bytes * 1000.0 / BYTES_PER_SECOND, float(self.clip.duration_ms))
            mark.reached.add_done_callback(functools.partial(self._passed, at_ms))
            self._marks.append((mark, at_ms))

    def _passed(self, at_ms: float, reached: "asyncio.Future[bool]") -> None:
        if not reached.cancelled() and reached.result():
            self._anchor = (self._now(), at_ms)

    async def heard_whole(self) -> bool:
        """Wait until the clip was heard to its end (True), or cut off (False)."""
        mark = self.last_mark
        return await self._playout.heard(mark) if mark is not None else False

    @property
    def last_mark(self) -> PlayMark | None:
        return self._marks[-1][0] if self._marks else None

    def settle(self, *, interrupted: bool) -> GreetingHeard:
        """What was heard, decided once: later calls return the first answer."""
        if self._outcome is None:
            heard_ms = self.heard_ms() if interrupted else float(self.clip.duration_ms)
            text = text_heard(self.clip.text, self.clip.words, heard_ms, self.clip.duration_ms)
            self._outcome = GreetingHeard(text, heard_ms, interrupted)
        return self._outcome

    @property
    def settled(self) -> bool:
        return self._outcome is not None

    def heard_ms(self) -> float:
        """How much of the clip the caller has heard by now, from the last mark and the clock.

        Nothing yet, while something plays that was sent before it.
        """
        if self._anchor is None:
            return 0.0
        moment, ms = self._anchor
        heard = ms + (self._now() - moment) * 1000.0
        next_marks = [at_ms for _, at_ms in self._marks if at_ms > ms]
        if ms > 0 and next_marks:  # marks do come back: the next one has not been reached
            heard = min(heard, next_marks[0])
        return min(max(heard, 0.0), float(self.clip.duration_ms))
