"""Run as a module, in an installation's environment: three agents, and a colleague.

The one that the faults concern; one that speaks with another voice; and one that is closed, plays a
clip, and needs no provider at all.
"""

from datetime import UTC, datetime, time

import django

VOICE = "a0e99841-438c-4a64-b679-ae501e7d6091"  # CARTESIA_VOICE_ID's default
CONCERNED, OTHER, CLOSED = "+351200000000", "+351200000001", "+351200000002"
COLLEAGUE = "+351200000009"
CLOSED_MS = 30_000


def set_up() -> None:
    django.setup()

    from django.core.management import call_command

    call_command("migrate", verbosity=0)

    from catalog.models import Agent, OpeningHours, PhoneNumber, PromptVersion
    from catalog.publishing import publish
    from tests.catalog.factories import make_clip
    from tests.whole_call.rig import GREETING_TEXT, PROMPT, short_greeting

    PromptVersion.objects.update(text=PROMPT)
    agent = Agent.objects.get(is_default=True)
    agent.greeting_clip, agent.greeting_text = short_greeting(), GREETING_TEXT
    agent.transfer_number = COLLEAGUE
    agent.save()
    numbers = {CONCERNED: agent.pk}
    agent.pk, agent.is_default = None, False
    agent.name, agent.voice_id, agent.transfer_number = "Another voice", "another-voice", ""
    agent.save(force_insert=True)
    numbers[OTHER] = agent.pk
    agent.pk, agent.name = None, "Closed"
    agent.out_of_hours, agent.time_zone = "hang_up", "UTC"
    agent.out_of_hours_clip = make_clip("Closed", text="We are closed.", mulaw=tone(CLOSED_MS))
    agent.save(force_insert=True)
    numbers[CLOSED] = agent.pk
    another_day = (datetime.now(UTC).weekday() + 3) % 7
    OpeningHours.objects.create(agent=agent, weekday=another_day, opens=time(0), closes=time(0))
    for number, key in numbers.items():
        PhoneNumber.objects.create(number=number, agent_id=key)
    publish("Set up for chaos")


def tone(ms: int) -> bytes:
    import numpy as np

    from catalog import mulaw

    samples = 8_000 * np.sin(2 * np.pi * 400 * np.arange(8 * ms) / 8_000)
    return mulaw.encode(samples.astype("<i2").tobytes())


if __name__ == "__main__":
    set_up()
