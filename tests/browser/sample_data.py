"""Run as a module, in a site's environment: a believable business, in the middle of its work.

`python -m tests.browser.sample_data [serving]`: with `serving`, only processes that answer calls.
"""

# ruff: noqa: E402 (Models can be imported once Django is set up.)

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from types import SimpleNamespace

import django

django.setup()

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from calls.models import Call, ToolRun
from catalog import authorship
from catalog.clip_versions import NewSound, add_sound
from catalog.models import (
    Agent,
    CatalogRevision,
    Clip,
    OpeningHours,
    PhoneNumber,
    Prompt,
    PromptVersion,
    Recording,
    ServingProcess,
    Tool,
)
from catalog.prompt_versions import add_version
from catalog.publishing import publish_prompt_version, publish_recording
from catalog.transcoding import transcode
from customers.models import Customer
from tests.browser.set_up import EDITOR
from tests.browser.speech import mp3

BUSINESS = "Harbour Dental"
GREETING = "Good morning, you have reached Harbour Dental. How can we help you today?"
AUTUMN = "Good morning, Harbour Dental. From October on we are open on Saturdays too."
OLD_PROMPT = """\
You are {agent_name}, who answers the telephone of {business_name}. Today is {today}.
You are speaking with {customer_name}. Keep to one or two short sentences.

We are open Monday to Friday from 9 to 6. A check-up takes half an hour and costs 60 euros.
If somebody is in pain, offer the next free hour and pass the call to {transfer_number}."""
NEW_PROMPT = OLD_PROMPT.replace(
    "We are open Monday to Friday from 9 to 6.",
    "We are open Monday to Friday from 9 to 6, and on Saturday from 9 to 1.",
).replace("costs 60 euros", "costs 65 euros")
DAYS_BETWEEN = timedelta(days=2, hours=3, minutes=17)


@contextmanager
def done_by(name: str) -> Iterator[None]:
    """Versions and revisions made meanwhile are this person's."""
    token = authorship._request.set(SimpleNamespace(user=User.objects.get(username=name)))  # type: ignore[arg-type]
    try:
        yield
    finally:
        authorship._request.reset(token)


def a_recording(clip: Clip, start_seconds: float, text: str, note: str) -> Recording:
    sound = mp3(start_seconds, seconds=5.0)
    transcoded = transcode(sound, "voice.mp3", target_lufs=-19.0)
    source = Recording.Source.UPLOAD
    return add_sound(clip, NewSound(source, sound, "voice.mp3", transcoded, text, ()), note)


def fill_in() -> None:
    agent = Agent.objects.get(is_default=True)
    greeting = Clip.objects.create(name="Greeting")
    publish_recording(a_recording(greeting, 1.0, GREETING, "First recording"))
    agent.business_name, agent.greeting_clip, agent.greeting_text = BUSINESS, greeting, GREETING
    agent.time_zone, agent.transfer_number = "Europe/Lisbon", "+12025550111"
    agent.save()
    PhoneNumber.objects.create(number="+12025550160", agent=agent, label="Front desk")
    prompt = Prompt.objects.get(agents=agent)
    publish_prompt_version(add_version(prompt, OLD_PROMPT, "Our own hours and prices"))
    with transaction.atomic():
        for weekday in range(5):
            OpeningHours.objects.create(
                agent=agent, weekday=weekday, opens=time(9), closes=time(18)
            )
    OpeningHours.objects.create(agent=agent, weekday=5, opens=time(9), closes=time(13))
    add_version(prompt, NEW_PROMPT, "Saturdays from October on, new price")
    a_recording(greeting, 9.0, AUTUMN, "Saturdays")


def calls_with_tools() -> None:
    names = list(Tool.objects.values_list("name", flat=True))
    for number, name in enumerate(names):
        call = Call.objects.create(call_sid=f"CA{number:032x}", status="completed")
        runs = 7 * (len(names) - number) - 3
        ToolRun.objects.bulk_create(
            ToolRun(call=call, name=name, outcome="ok", at_ms=4_000.0, ms=12.0) for _ in range(runs)
        )


def appointments() -> None:
    maria = Customer.objects.get(name="Maria Lopes")
    maria.more_phones.create(number="+12025550144")
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for days, hour, reason in ((-20, 9, "Check-up"), (1, 10, "A filling fell out"), (7, 15, "")):
        at = midnight + timedelta(days=days, hours=hour)
        maria.appointments.create(starts_at=at, ends_at=at + timedelta(minutes=30), reason=reason)
    last = maria.appointments.last()
    assert last is not None
    last.status = "cancelled"
    last.save()


def spread_over_weeks() -> None:
    for model in (CatalogRevision, PromptVersion, Recording):
        for age, row in enumerate(model._default_manager.order_by("-pk")):
            at = timezone.now() - timedelta(minutes=41) - age * DAYS_BETWEEN
            model._default_manager.filter(pk=row.pk).update(created_at=at)


def answer_calls() -> None:
    """Two processes that never fall silent."""
    for number, host in enumerate(("voice-1", "voice-2")):
        ServingProcess.objects.update_or_create(
            process_id=str(number),
            defaults={
                "host": host,
                "pid": 411 + number,
                "revision": CatalogRevision.objects.latest().pk,
                "started_at": timezone.now(),
                "seen_at": timezone.now() + timedelta(days=1),
            },
        )


if __name__ == "__main__":
    if sys.argv[1:] != ["serving"]:
        with done_by(EDITOR):
            fill_in()
        appointments()
        calls_with_tools()
        spread_over_weeks()
    answer_calls()
