"""A revision to go back to, and what has been done to the catalog since."""

from datetime import time

from catalog.models import Agent, CatalogRevision, OpeningHours, PhoneNumber, Tool
from catalog.publishing import publish
from catalog.snapshot import CatalogSnapshot
from catalog.snapshot_loading import load_snapshot
from tests.catalog.factories import make_agent, make_clip, make_prompt

LISBON, PORTO = "+351200000011", "+351200000012"


def now() -> CatalogRevision:
    """The newest revision; what a test changed by a query that sends no signal is in it."""
    publish("A test")
    return CatalogRevision.objects.latest()


def served_from(revision: CatalogRevision) -> tuple[object, ...]:
    """All that callers get of a revision, but its number."""
    snapshot: CatalogSnapshot = load_snapshot(revision.pk)
    return (
        dict(snapshot.agents),
        dict(snapshot.numbers),
        snapshot.default_agent_id,
        snapshot.tools,
    )


def make_vera() -> Agent:
    """An agent with something in every field, beside the default one."""
    make_agent("Front desk", is_default=True)
    clips = {
        f"{use}_clip": make_clip(f"{use} clip")
        for use in ("greeting", "one_moment", "apology", "out_of_hours")
    }
    vera = make_agent(
        "Vera",
        business_name="Clínica Bétula",
        language="pt",
        voice_id="voice-1",
        greeting_text="Olá.",
        out_of_hours="hang_up",
        greeting_policy="protected",
        tools_at_start="essential",
        tools_later="full",
        time_zone="Europe/Lisbon",
        transfer_number="+351200000099",
        max_call_seconds=600,
        record_calls=True,
        most_calls=3,
        prompt=make_prompt("Sales"),
        **clips,
    )
    PhoneNumber.objects.create(number=LISBON, agent=vera, label="Lisbon")
    vera.hours.create(weekday=0, opens=time(9), closes=time(13))
    vera.hours.create(weekday=0, opens=time(14), closes=time(0))
    Tool.objects.update_or_create(name="end_call", defaults={"stage": "critical"})
    return vera


def change_everything(vera: Agent) -> None:
    other = make_clip("Another")
    Agent.objects.filter(pk=vera.pk).update(
        business_name="Other",
        language="en",
        voice_id="",
        greeting_text="Hi.",
        greeting_clip=other,
        one_moment_clip=None,
        apology_clip=None,
        out_of_hours_clip=None,
        out_of_hours="converse",
        greeting_policy="interruptible",
        tools_at_start="critical",
        tools_later="critical",
        time_zone="UTC",
        transfer_number="",
        max_call_seconds=60,
        record_calls=False,
        most_calls=5,
        enabled=False,
        prompt=make_prompt("Support"),
    )
    PhoneNumber.objects.all().delete()
    OpeningHours.objects.all().delete()
    OpeningHours.objects.create(agent=vera, weekday=6, opens=time(1), closes=time(2))
    Tool.objects.update(enabled=False, stage="full")
