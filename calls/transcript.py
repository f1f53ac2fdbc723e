"""Who said what, and when: from the pipeline's signals to lines of the record."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from calls import metrics
from calls.call_log import call_log
from calls.happenings import Milestone, Said
from calls.models import Speaker
from calls.prompting import seen
from calls.so_far import SoFar
from calls.timing import CallClock, Timings


@dataclass(frozen=True, slots=True)
class _Reply:
    began_ms: float
    reply_ms: float | None = None  # from the caller's last word, if it answers one


class Transcript:
    """Keeps the moments between "somebody began to speak" and "this is what they said"."""

    def __init__(self, call_sid: str, clock: CallClock, timings: Timings) -> None:
        self._call_sid = call_sid
        self._clock = clock
        self._timings = timings
        self._caller_began_ms: float | None = None
        self._caller_ended_ms: float | None = None
        self._unanswered_since_ms: float | None = None
        self._replies: deque[_Reply] = deque()  # sounding, their words not told yet
        self._cut_off = False
        self.caller_speaks = False
        self.caller_has_spoken = False
        self.caller_turns = 0
        self.last_words_at = time.monotonic()  # of the caller; until the first, of nobody
        self.on_caller_said: Callable[[str], None] = lambda text: None
        self.so_far = SoFar()

    def caller_started(self, start_seconds: float) -> None:
        self.caller_speaks = True
        if self._caller_began_ms is None:
            self._caller_began_ms = max(0.0, self._clock.ms() - start_seconds * 1000.0)

    def caller_stopped(self, stop_seconds: float) -> None:
        self.caller_speaks = False
        self._caller_ended_ms = max(0.0, self._clock.ms() - stop_seconds * 1000.0)
        self._unanswered_since_ms = self._caller_ended_ms

    def caller_said(self, text: str) -> None:
        ended_ms = self._caller_ended_ms
        began_ms = self._caller_began_ms
        self._caller_began_ms = None
        fallback_ms = self._clock.ms()
        self._post(
            Speaker.CALLER,
            text,
            at_ms=began_ms if began_ms is not None else ended_ms or fallback_ms,
            end_ms=ended_ms if ended_ms is not None else fallback_ms,
        )
        self.caller_has_spoken = True
        self.caller_turns += 1
        self.last_words_at = time.monotonic()
        self.on_caller_said(text)

    def reply_started(self) -> None:
        now_ms = self._clock.ms()
        if self._cut_off:
            self._replies.clear()
            self._cut_off = False
        if self._unanswered_since_ms is None:
            self._replies.append(_Reply(now_ms))
            return
        reply_ms = now_ms - self._unanswered_since_ms
        self._replies.append(_Reply(now_ms, reply_ms))
        self._unanswered_since_ms = None
        metrics.reply_latency_ms.observe(reply_ms)
        if self._timings.first_reply_audio_ms is None:
            self._timings.first_reply_audio_ms = now_ms

    def agent_said(self, text: str, *, interrupted: bool) -> None:
        """`text` is what was played of a reply, by the words' own times.

        A reply of which no audio came was not heard, whatever the pipeline says of its text:
        Pipecat tells the text of a silent TTS as if it had been spoken.
        """
        if not self._replies:
            call_log.post(Milestone(self._call_sid, "reply not spoken", self._clock.ms()))
            return
        reply = self._replies.popleft()
        self._post(
            Speaker.AGENT,
            text,
            at_ms=reply.began_ms,
            end_ms=self._clock.ms(),
            interrupted=interrupted,
            reply_ms=reply.reply_ms,
        )

    def interrupted(self) -> None:
        """Replies that began before now have no more words to tell once the next one begins."""
        self._cut_off = True

    def clip_said(self, text: str, *, began_ms: float, heard_ms: float, interrupted: bool) -> None:
        self._post(
            Speaker.AGENT,
            text,
            at_ms=began_ms,
            end_ms=began_ms + heard_ms,
            interrupted=interrupted,
        )

    def _post(
        self,
        speaker: Speaker,
        text: str,
        *,
        at_ms: float,
        end_ms: float,
        interrupted: bool = False,
        reply_ms: float | None = None,
    ) -> None:
        # Half an emoji, which a model can spell, would be refused by every database.
        said = Said(self._call_sid, speaker, seen(text), at_ms, end_ms, interrupted, reply_ms)
        self.so_far.said(said)
        call_log.post(said)
