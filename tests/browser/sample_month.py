"""Run as a module, in a site's environment: a month of calls, as the log writes them.

From one seed: only the days differ from one run to the next.
"""

# ruff: noqa: E402 (Models can be imported once Django is set up.)

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import django

django.setup()

from django.db import transaction
from django.utils import timezone

from calls.call_rows import write
from calls.happenings import (
    CallOver,
    CallRang,
    CustomerKnown,
    Happening,
    RanWith,
    Said,
    StreamBegan,
    Summarised,
    SurveyAnswered,
    SurveyAsked,
    ToolRan,
    TurnedAway,
    Used,
)
from calls.models import Call, CallReview
from calls.settling import settle
from calls.timing import Timings
from catalog.models import Agent

DAYS = 30
CALLED = "+12025550160"
BUSY_HOURS = (9, 9, 10, 10, 10, 11, 11, 12, 14, 14, 15, 15, 16, 16, 17, 18, 20)
ENDED_BY = ("agent",) * 8 + ("caller",) * 5 + ("transfer",) * 2 + ("timeout", "error")
PEOPLE = ("Maria Lopes", "Tom Baker", "Aisha Khan", "Piotr Nowak", "Chloe Martin", "", "", "")
SPOKEN = (
    ("caller", "Good morning. Are you open on Saturday?"),
    ("agent", "Yes, on Saturdays we are open from nine to one."),
    ("caller", "Can I have an appointment then?"),
    ("agent", "I have ten o'clock and half past eleven. Which one suits you?"),
    ("caller", "Ten, please."),
    ("agent", "You are booked for Saturday at ten."),
    ("caller", "How much is a check-up?"),
    ("agent", "A check-up takes half an hour and costs 60 euros."),
    ("caller", "Thank you, goodbye."),
    ("agent", "Goodbye, and have a good day."),
)
TOOLS = (
    "find_free_times",
    "find_free_times",
    "find_free_times",
    "book_appointment",
    "book_appointment",
    "get_current_time",
    "list_appointments",
    "cancel_appointment",
    "send_whatsapp",
)
SUMMARIES = (
    "Asked about Saturdays and booked a check-up for Saturday at ten.",
    "Wanted to know the price of a check-up; was told 60 euros.",
    "A filling fell out; was put through to a colleague.",
)


@dataclass(frozen=True, slots=True)
class Month:
    chance: random.Random
    agent: Agent
    now: datetime

    def calls(self) -> Iterator[list[Happening]]:
        number = 0
        for days_ago in range(DAYS - 1, -1, -1):
            day = (self.now - timedelta(days=days_ago)).replace(minute=0, second=0, microsecond=0)
            usual = (15, 17, 16, 14, 13, 6, 1)[day.weekday()]
            for _call in range(usual + self.chance.randint(-1, 3)):
                at = day.replace(hour=self.chance.choice(BUSY_HOURS))
                at += timedelta(seconds=self.chance.randint(0, 3_599))
                if at < self.now - timedelta(minutes=10):
                    yield self.one(f"CA{number:032x}", at)
                    number += 1

    def one(self, sid: str, at: datetime) -> list[Happening]:
        chance, agent = self.chance, self.agent
        caller = f"+1202555{chance.randint(100, 199):04d}"
        if chance.random() < 0.02:
            return [TurnedAway(sid, caller, CALLED, "busy", at, agent.name, agent.pk, 4)]
        ran_with = RanWith(agent.name, agent.pk, 4, "Receptionist", 2, "Greeting", 1, 1)
        rang = CallRang(sid, caller, CALLED, agent.name, 4, chance.gauss(4, 0.6), agent.pk, at)
        began: list[Happening] = [rang, StreamBegan(sid, "MZ1", at, "p-411", ran_with)]
        who = chance.choice(PEOPLE)
        if who:
            began.append(CustomerKnown(sid, who, str(PEOPLE.index(who) + 1)))
        if chance.random() < 0.06:  # Gone before the greeting's end.
            return [*began, self.over(sid, at, "caller", chance.uniform(1_500, 9_000))]
        return [*began, *self.talked(sid, at)]

    def talked(self, sid: str, at: datetime) -> Iterator[Happening]:
        chance, ms = self.chance, 5_800.0
        many = chance.choice((2, 4, 6, 8, 10))
        for who, text in SPOKEN[:many]:
            reply = min(4_000.0, chance.lognormvariate(6.2, 0.35)) if who == "agent" else None
            ms += reply or chance.uniform(400, 1_500)
            end = ms + 55.0 * len(text)
            yield Said(sid, who, text, ms, end, chance.random() < 0.08, reply)
            ms = end
        for _run in range(chance.choice((0, 0, 1, 1, 2))):
            outcome = chance.choices(("ok", "error", "timeout"), (95, 3, 2))[0]
            took = 8_000.0 if outcome == "timeout" else chance.lognormvariate(5.0, 0.5)
            yield ToolRan(sid, chance.choice(TOOLS), {}, outcome, ms / 2, took)
        yield Used(sid, 900 * many, 640 * many, 22 * many, 30 * many)
        yield Summarised(sid, chance.choice(SUMMARIES))
        over = self.over(sid, at, chance.choice(ENDED_BY), ms + 600)
        yield over
        if chance.random() < 0.25:
            yield SurveyAsked(sid, "whatsapp", over.at)
            if chance.random() < 0.6:
                score = chance.choices((1, 2, 3, 4, 5), (1, 1, 3, 8, 12))[0]
                yield SurveyAnswered(sid, score, over.at + timedelta(minutes=6))

    def over(self, sid: str, at: datetime, by: str, ms: float) -> CallOver:
        chance = self.chance
        ready = chance.lognormvariate(5.1, 0.3)
        first = chance.lognormvariate(1.1, 0.4)
        timings = Timings(chance.gauss(4, 0.6), first, ready, ready * 0.6, ready + 3)
        return CallOver(sid, by, at + timedelta(milliseconds=ms), ms, timings)


def review_some() -> None:
    talked = Call.objects.filter(ended_by__in=("agent", "transfer")).order_by("-created_at")
    for call, (rating, tags) in zip(talked[3:40:9], ((5, ""), (2, "price"), (4, "")), strict=False):
        CallReview.objects.create(call=call, rating=rating, tags=tags, author_name="ines")


if __name__ == "__main__":
    month = Month(random.Random(411), Agent.objects.get(is_default=True), timezone.now())
    with transaction.atomic():
        for happenings in month.calls():
            for happening in happenings:
                write(happening)
        review_some()
    # Their summaries are written; the agent's own page shows the switch as staff left it.
    own = Agent.objects.filter(pk=month.agent.pk)
    own.update(summarise_calls=False)
    settle()
    own.update(summarise_calls=True)
