"""catalog/snapshot.py and its loading: the rows staff see, as a call gets them."""

import base64
import dataclasses
from datetime import UTC, datetime, time

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog import mulaw
from catalog.models import Agent, PhoneNumber, Tool
from catalog.publishing import publish_prompt_version, publish_recording
from catalog.snapshot import GreetingPolicy, OutOfHours, WordTiming
from catalog.snapshot_loading import load_snapshot, newest_revision
from catalog.stages import Stage
from catalog.tool_rows import sync_tools
from tests.catalog.factories import (
    make_agent,
    make_clip,
    make_prompt,
    make_recording,
    make_version,
    published_snapshot,
)

pytestmark = pytest.mark.django_db

LISBON = "+351200000011"


def test_it_finds_the_agent_of_a_number_and_the_default_one_for_others() -> None:
    vera = make_agent("Vera")
    PhoneNumber.objects.create(number=LISBON, agent=vera)
    snapshot = published_snapshot()
    assert snapshot.agent_for(LISBON) == snapshot.agents[vera.pk]
    reception = snapshot.agent_for("+12025550199")
    assert reception is not None and reception.name == "Reception"


def test_it_gives_the_numbers_of_a_disabled_agent_to_the_default_one() -> None:
    vera = make_agent("Vera", enabled=False)
    PhoneNumber.objects.create(number=LISBON, agent=vera)
    agent = published_snapshot().agent_for(LISBON)
    assert agent is not None and agent.name == "Reception"


def test_it_has_no_agent_where_nobody_is_the_default() -> None:
    Agent.objects.update(is_default=False)
    snapshot = published_snapshot()
    assert snapshot.default_agent_id is None
    assert snapshot.agent_for("+12025550199") is None


def test_it_copies_every_field_of_an_agent() -> None:
    clip = make_clip(words=[{"word": "Hello.", "start_ms": 20, "end_ms": 400}])
    row = make_agent(
        "Vera",
        business_name="Clínica Bétula",
        language="pt",
        voice_id="voice-1",
        greeting_text="Olá.",
        greeting_clip=clip,
        apology_clip=clip,
        greeting_policy="protected",
        tools_at_start="essential",
        tools_later="full",
        time_zone="Europe/Lisbon",
        transfer_number="+351200000012",
        max_call_seconds=600,
        one_moment_clip=clip,
        out_of_hours_clip=clip,
        out_of_hours="hang_up",
        record_calls=True,
    )
    spec = published_snapshot().agents[row.pk]
    copied = {"language", "voice_id", "greeting_text", "time_zone", "transfer_number"}
    for name in copied | {"business_name", "max_call_seconds", "record_calls"}:
        assert getattr(spec, name) == getattr(row, name)
    assert spec.prompt.text == "Be brief." and spec.prompt.version == 1
    assert spec.greeting_policy is GreetingPolicy.PROTECTED
    assert spec.out_of_hours is OutOfHours.HANG_UP
    assert (spec.tools_at_start, spec.tools_later) == (Stage.ESSENTIAL, Stage.FULL)
    assert spec.greeting_clip is not None
    assert spec.greeting_clip.words == (WordTiming("Hello.", 20, 400),)
    # One clip, one copy of its audio, however many use it.
    assert spec.greeting_clip is spec.apology_clip
    assert spec.one_moment_clip is spec.out_of_hours_clip is spec.greeting_clip


def test_its_clips_are_ready_to_send() -> None:
    row = make_agent("Vera", greeting_clip=make_clip(mulaw=b"\x12" * 4_100))
    clip = published_snapshot().agents[row.pk].greeting_clip
    assert clip is not None
    assert len(clip.mulaw) == 4_160 and clip.duration_ms == 520
    assert b"".join(map(base64.b64decode, clip.payloads)) == clip.mulaw
    assert clip.mulaw.endswith(bytes([mulaw.SILENCE]))


CRITICAL = ["end_call", "get_current_time", "transfer_call"]
MORE_THAT_IS_ESSENTIAL = {
    "book_appointment",
    "cancel_appointment",
    "create_customer",
    "get_customer",
    "get_customer_facts",
    "list_appointments",
}


def names(stage: Stage) -> list[str]:
    return [spec.name for spec in published_snapshot().tools_for(stage)]


def test_it_offers_each_stage_the_tools_up_to_it() -> None:
    assert names(Stage.CRITICAL) == CRITICAL
    assert set(names(Stage.ESSENTIAL)) == {*CRITICAL, *MORE_THAT_IS_ESSENTIAL}
    assert "send_whatsapp_message" in names(Stage.FULL)


def test_it_offers_what_staff_decided() -> None:
    Tool.objects.filter(name="end_call").update(enabled=False)
    Tool.objects.filter(name="get_customer").update(stage="critical")
    assert names(Stage.CRITICAL) == ["get_current_time", "get_customer", "transfer_call"]


def test_it_offers_a_new_tool_as_its_author_meant_until_it_has_a_row() -> None:
    Tool.objects.all().delete()
    assert names(Stage.CRITICAL) == CRITICAL
    sync_tools()
    assert names(Stage.CRITICAL) == CRITICAL


def test_it_ignores_a_row_whose_tool_is_gone() -> None:
    Tool.objects.create(name="send_fax", stage="critical")
    assert "send_fax" not in names(Stage.FULL)


def test_it_cannot_be_changed() -> None:
    snapshot = published_snapshot()
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.revision = 7  # type: ignore[misc]
    with pytest.raises(TypeError):
        snapshot.agents[1] = next(iter(snapshot.agents.values()))  # type: ignore[index]


def test_it_knows_the_hours_of_each_agent() -> None:
    vera, otto = make_agent("Vera"), make_agent("Otto")
    vera.hours.create(weekday=0, opens=time(9), closes=time(13))
    vera.hours.create(weekday=0, opens=time(14), closes=time(0))
    agents = published_snapshot().agents
    monday = datetime(2026, 3, 9, tzinfo=UTC)
    hours = [hour for hour in range(24) if agents[vera.pk].is_open(monday.replace(hour=hour))]
    assert hours == [*range(9, 13), *range(14, 24)]
    assert agents[otto.pk].is_open(monday), "no hours: always open"


def test_a_revision_keeps_what_was_published_then() -> None:
    """Later versions, published or not, do not leak into an older one."""
    clip, prompt = make_clip(text="First."), make_prompt(text="First.")
    row = make_agent("Vera", greeting_clip=clip, prompt=prompt)
    first = published_snapshot().revision
    publish_recording(make_recording(clip, text="Second.", mulaw=b"\x22" * 8_000))
    publish_prompt_version(make_version(prompt, "Second."))
    second = published_snapshot().revision
    make_recording(clip, text="A draft.")
    make_version(prompt, "A draft.")
    for revision, text, version in ((first, "First.", 1), (second, "Second.", 2)):
        spec = load_snapshot(revision).agents[row.pk]
        assert spec.greeting_clip is not None
        assert (spec.greeting_clip.text, spec.greeting_clip.version) == (text, version)
        assert (spec.prompt.text, spec.prompt.version) == (text, version)
        assert spec.greeting_clip.duration_ms == 500 * version


def test_the_same_revision_makes_the_same_snapshot_whatever_the_tables_say_by_now() -> None:
    vera = make_agent("Vera", greeting_clip=make_clip())
    PhoneNumber.objects.create(number=LISBON, agent=vera)
    vera.hours.create(weekday=0, opens=time(9), closes=time(13))
    before = published_snapshot()
    make_agent("Otto")
    vera.hours.all().delete()
    PhoneNumber.objects.all().delete()
    Tool.objects.update(enabled=False)
    Agent.objects.update(business_name="Another", greeting_clip=None)
    assert load_snapshot(before.revision) == before


def test_it_reads_as_often_for_many_agents_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        make_agent(f"Agent {number}", greeting_clip=make_clip(f"Clip {number}"))
    published_snapshot()
    revision = newest_revision()
    with django_assert_num_queries(3):
        load_snapshot(revision)
