"""What would three months of a busy line look like? Rows of calls, and of all that hangs on one.

From a seed: the same arguments make the same rows. The shapes are those of a real line: callers
ring by day and on weekdays, hang up early or after a while, and a slow provider has a long tail.
"""

import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from statistics import median
from typing import Any

from django.db.models import Model

from calls.figures import bucket_of
from calls.models import (
    Call,
    CallEvent,
    CallReview,
    CallWords,
    EndedBy,
    Figure,
    Metric,
    Status,
    Survey,
    SurveyChannel,
    ToolRun,
    Utterance,
)

AT_ONCE = 5_000
LIVE = 3  # the newest are still talking
BY_HOUR = (0, 0, 0, 0, 0, 0, 1, 4, 14, 20, 18, 14, 10, 13, 17, 16, 12, 8, 4, 2, 1, 1, 0, 0)
# Name, the share of its calls whose callers hang up within the first seconds.
CLIPS = (("Morning", 1, 0.14), ("Morning", 2, 0.08), ("Evening", 1, 0.05), ("Short", 3, 0.03))
COMMON = (
    "good morning this is maria speaking",
    "i would like to book an appointment for next week",
    "yes that would be fine thank you",
    "could you tell me your opening hours please",
    "let me check that for you one moment",
    "tuesday at half past ten is free",
    "no the afternoon suits me better",
    "is there anything else i can do for you",
    "my number has changed since the last time",
    "thank you and goodbye",
)
RARE = ("crown", "implant", "invoice", "ambulance", "refund", "allergy", "braces", "insurance")
RAREST = "pterodactyl"  # said in one call of a thousand
ENDINGS = (
    (EndedBy.CALLER, 62),
    (EndedBy.AGENT, 24),
    (EndedBy.TRANSFER, 8),
    (EndedBy.TIMEOUT, 1),
    (EndedBy.ERROR, 1),
    (EndedBy.STAFF, 1),
    (EndedBy.TURNED_AWAY, 3),
)
MILESTONES = ("webhook", "upgrade", "first audio", "greeting heard", "stt connected")
MORE_MILESTONES = ("llm connected", "tts connected", "agent ready", "first model token")

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A number that is dialled, and who answers it."""

    number: str
    agent_key: int
    agent_name: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one table. Columns that are not named get the model's defaults."""

    model: type[Model]
    names: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)


class ManyCalls:
    def __init__(
        self, calls: int, utterances: int, lines: tuple[Line, ...], now: datetime, days: int = 90
    ) -> None:
        self.calls, self.utterances, self.lines = calls, utterances, lines
        self.now, self.days = now.astimezone(UTC), days
        self.random = random.Random(20)
        self.times = sorted(self._when() for _ in range(calls))  # a later key is a later call
        self.figures: Counter[tuple[datetime, int, str, str, int]] = Counter()
        self.sheets = self._empty()

    def batches(self) -> Iterator[tuple[Sheet, ...]]:
        """In an order in which every row's call is there before it; the figures last."""
        for key in range(1, self.calls + 1):
            self._call(key)
            if key % AT_ONCE == 0:
                yield tuple(self.sheets.values())
                self.sheets = self._empty()
        yield tuple(self.sheets.values())
        names = ("hour", "agent_key", "to_number", "metric", "bucket", "count")
        rows = [(*key, count) for key, count in sorted(self.figures.items())]
        yield (Sheet(Figure, names, rows),)

    def _empty(self) -> dict[type[Model], Sheet]:
        lines = ("call_id", "speaker", "text", "at_ms", "end_ms", "interrupted", "reply_ms")
        sheets = (
            Sheet(Call, CALL_COLUMNS),
            Sheet(Utterance, lines),
            Sheet(ToolRun, ("call_id", "name", "arguments", "outcome", "result", "at_ms", "ms")),
            Sheet(CallEvent, ("call_id", "name", "at_ms", "detail")),
            Sheet(CallWords, ("call_id", "text")),
            Sheet(Survey, ("call_id", "channel", "asked_at", "answered_at", "score")),
            Sheet(CallReview, ("call_id", "rating", "tags", "note", "author_name", "changed_at")),
        )
        return {sheet.model: sheet for sheet in sheets}

    def _call(self, key: int) -> None:
        dice = self.random
        live = key > self.calls - LIVE
        at = self.now - timedelta(minutes=2) if live else self.times[key - 1]
        line = dice.choice(self.lines)
        clip, version, gone_early = CLIPS[line.agent_key % 2 * 2 + (at.day > 15)]
        [ended] = dice.choices([name for name, _ in ENDINGS], [weight for _, weight in ENDINGS])
        seconds = self._seconds(ended, gone_early)
        turned_away = ended == EndedBy.TURNED_AWAY and not live
        first_audio = None if turned_away else dice.lognormvariate(1.2, 0.6)
        ready = None if turned_away else dice.lognormvariate(5.3, 0.4)
        replies = [] if turned_away else self._conversation(key, seconds)
        usual = median(replies) if replies and not live else None
        over = None if live else at + timedelta(seconds=seconds)
        self.sheets[Call].rows.append(
            (
                key,
                f"CA{key:032x}",
                "" if turned_away else f"MZ{key:032x}",
                self._status(ended, live),
                "" if live else ended,
                f"+3519{dice.randrange(9_000):08d}",
                line.number,
                f"Customer {dice.randrange(5_000)}" if dice.random() < 0.6 else "",
                line.agent_name,
                line.agent_key,
                dice.randrange(1, 200),
                "Receptionist",
                1 + at.month % 3,
                clip,
                version,
                at,
                None if turned_away else at,
                over,
                None if live else round(seconds * 1_000),
                dice.lognormvariate(1.5, 0.5),
                first_audio,
                ready,
                usual,
                over,
                "Asked for an appointment." if dice.random() < 0.5 else "",
                len(replies) * 900,
                len(replies) * 120,
            )
        )
        if not live:
            self._count(at, line, first_audio, ready, replies)
            self._afterwards(key, at, seconds, first_audio, ready)

    def _when(self) -> datetime:
        """What would lie ahead of now rang on a day before."""
        hours = _hours_of_the_day()
        at = (self.now - timedelta(days=self.random.randrange(self.days))).replace(
            hour=self.random.choice(hours),
            minute=self.random.randrange(60),
            second=self.random.randrange(60),
        )
        if at < self.now - timedelta(minutes=30):
            return at
        return at - timedelta(days=self.random.randint(1, self.days - 1))

    def _seconds(self, ended: str, gone_early: float) -> float:
        if ended == EndedBy.TURNED_AWAY:
            return 0.0
        if ended == EndedBy.CALLER and self.random.random() < gone_early:
            return min(9.9, self.random.expovariate(1 / 3.5))
        return 10 + self.random.lognormvariate(4.3, 0.7)

    def _status(self, ended: str, live: bool) -> str:
        if live:
            return Status.IN_PROGRESS
        return Status.FAILED if ended == EndedBy.ERROR else Status.COMPLETED

    def _conversation(self, key: int, seconds: float) -> list[float]:
        """Its lines; how long the replies took."""
        dice, said, replies, at = self.random, [], [], 0.0
        usual = self.utterances
        lines = dice.randint(usual // 2, usual * 5 // 3) if seconds >= 10 else 1
        for number in range(lines):
            words = dice.choice(COMMON)
            if dice.random() < 0.01:
                words += " about the " + dice.choice(RARE)
            agent = number % 2 == 0
            reply = dice.lognormvariate(6.1, 0.3) if agent and number else None
            if reply is not None:
                replies.append(reply)
            speaker = "agent" if agent else "caller"
            row = (key, speaker, words, at, at + 1_500, dice.random() < 0.05, reply)
            self.sheets[Utterance].rows.append(row)
            said.append(words)
            at += seconds * 1_000 / lines
        if key % 1_000 == 7:
            said.append(RAREST)
        self.sheets[CallWords].rows.append((key, "\n".join(said)))
        return replies

    def _count(
        self,
        at: datetime,
        line: Line,
        first_audio: float | None,
        ready: float | None,
        replies: list[float],
    ) -> None:
        hour = at.replace(minute=0, second=0, microsecond=0)
        measured = [(Metric.FIRST_AUDIO, first_audio), (Metric.READY, ready)]
        for metric, ms in [*measured, *((Metric.REPLY, reply) for reply in replies)]:
            if ms is not None:
                at_line = (hour, line.agent_key, line.number)
                self.figures[(*at_line, metric.value, bucket_of(ms))] += 1

    def _afterwards(
        self, key: int, at: datetime, seconds: float, audio: float | None, ready: float | None
    ) -> None:
        dice, events = self.random, self.sheets[CallEvent].rows
        if audio is None or ready is None:
            events.append((key, dice.choice(("full", "out of hours")), None, ""))
            return
        for place, name in enumerate((*MILESTONES, *MORE_MILESTONES)):
            events.append((key, name, ready * place / 8, ""))
        if dice.random() < 0.03:
            name = dice.choice(("stt error", "llm error", "tts error", "tts error"))
            events.append((key, name, 4_000.0, dice.choice(("timeout", "server error"))))
        if seconds > 10:
            for name in dice.sample(("find_slots", "book", "opening_hours"), dice.randrange(3)):
                outcome = "ok" if dice.random() < 0.95 else "timeout"
                values = json.dumps({"day": "tuesday"}), outcome, json.dumps({"ok": True})
                row = (key, name, *values, 6_000.0, dice.lognormvariate(5, 1))
                self.sheets[ToolRun].rows.append(row)
        if dice.random() < 0.2:
            score = dice.choices((1, 2, 3, 4, 5), (3, 4, 10, 38, 45))[0]
            answered = (at, score) if dice.random() < 0.7 else (None, None)
            self.sheets[Survey].rows.append((key, SurveyChannel.WHATSAPP.value, at, *answered))
        if dice.random() < 0.02:
            review = (dice.randrange(1, 6), "greeting, slow", "Listen to this one.", "maria", at)
            self.sheets[CallReview].rows.append((key, *review))


@cache
def _hours_of_the_day() -> tuple[int, ...]:
    return tuple(hour for hour, share in enumerate(BY_HOUR) for _ in range(share))


CALL_COLUMNS = (
    "id",
    "call_sid",
    "stream_sid",
    "status",
    "ended_by",
    "from_number",
    "to_number",
    "customer_name",
    "agent_name",
    "agent_key",
    "revision",
    "prompt_name",
    "prompt_version",
    "clip_name",
    "clip_version",
    "created_at",
    "started_at",
    "ended_at",
    "duration_ms",
    "webhook_ms",
    "first_audio_ms",
    "agent_ready_ms",
    "usual_reply_ms",
    "settled_at",
    "summary",
    "llm_input_tokens",
    "llm_output_tokens",
)
