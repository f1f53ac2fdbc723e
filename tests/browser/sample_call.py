"""Run as a module, in a site's environment: one call with everything that a call's page shows."""

# ruff: noqa: E402 (Models can be imported once Django is set up.)

from datetime import timedelta

import django

django.setup()

from django.core.files.base import ContentFile
from django.utils import timezone

from calls.call_rows import write
from calls.happenings import (
    CallOver,
    CallRang,
    CustomerKnown,
    Happening,
    Milestone,
    RanWith,
    RecordingChanged,
    Said,
    StreamBegan,
    Summarised,
    ToolRan,
    ToolsOffered,
    Used,
)
from calls.models import Call, CallReview
from calls.recording import shelf
from calls.settling import settle
from calls.timing import Timings
from tests.browser.sample_call_sid import CALL_SID
from tests.catalog.recordings import encoded, voice

SECONDS = 64
TIMINGS = Timings(3.4, 2.1, 184.0, 96.0, 186.0, 9_350.0, 9_700.0)
CONVERSATION = (
    ("agent", "Good morning, Harbour Dental. How can we help you today?", 2, 5_200, False, None),
    ("caller", "Hello, I would like to move my appointment.", 6_100, 9_000, False, None),
    ("agent", "Of course. You are booked for Tuesday at ten. When", 9_700, 13_200, True, 700.0),
    ("caller", "Thursday would be better, in the afternoon.", 13_000, 15_800, False, None),
    ("agent", "Let me see. Thursday at three is free, shall I?", 16_260, 19_000, False, 460.0),
)


def happenings() -> list[Happening]:
    now, sid = timezone.now() - timedelta(minutes=7), CALL_SID
    ran_with = RanWith("Reception", 1, 4, "Receptionist", 3, "Greeting", 1, 2)
    tools = ("book_appointment", "end_call", "get_current_time")
    events = {
        "webhook": -412.0,
        "upgrade": -61.0,
        "first audio": 2.1,
        "stt connected": 131.0,
        "llm connected": 133.0,
        "tts connected": 180.0,
        "agent ready": 184.0,
        "customer in the prompt": 186.0,
        "greeting heard": 5_204.0,
        "first model token": 9_350.0,
    }
    asked, told = {"day": "Thursday"}, {"ok": True, "say": "Three o'clock is free."}
    more = [
        Said(sid, "caller" if n % 2 else "agent", f"And then, {n}?", 20_000.0 + 1_500 * n)
        for n in range(28)
    ]
    return [
        CallRang(sid, "+12025550144", "+12025550160", "Reception", 4, 3.4, 1),
        StreamBegan(sid, "MZ1", now, "p-411", ran_with),
        CustomerKnown(sid, "Maria Lopes", "1"),
        *(Milestone(sid, name, ms) for name, ms in events.items()),
        ToolsOffered(sid, tools, 150.0),
        *(
            Said(sid, who, text, float(at), float(until), cut, reply)
            for who, text, at, until, cut, reply in CONVERSATION
        ),
        *more,
        ToolRan(sid, "find_free_times", asked, "ok", 15_900.0, 212.0, told),
        ToolRan(sid, "book_appointment", asked, "timeout", 21_000.0, 8_000.0, {"ok": False}),
        Used(sid, 8_412, 6_144, 214),
        Used(sid, tts_characters=511),
        Summarised(sid, "Maria moved her appointment to Thursday at three.", {"moved": True}),
        CallOver(sid, "caller", now + timedelta(seconds=SECONDS), SECONDS * 1_000.0, TIMINGS),
    ]


def fill_in() -> None:
    for happening in happenings():
        write(happening)
    spoken = encoded(voice(float(SECONDS), 44_100), "mp3")
    name = shelf.shelf().save(shelf.name_of(CALL_SID), ContentFile(spoken))
    write(RecordingChanged(CALL_SID, "ready", name))
    call = Call.objects.get(call_sid=CALL_SID)
    CallReview.objects.create(call=call, rating=3, tags="price, waiting", author_name="ines")
    settle()


if __name__ == "__main__":
    fill_in()
