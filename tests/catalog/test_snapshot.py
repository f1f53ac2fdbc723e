"""catalog/snapshot.py and its loading: the rows staff see, as a call gets them."""

import base64
import dataclasses
import logging

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog import mulaw
from catalog.models import Agent, PhoneNumber, Tool
from catalog.snapshot import GreetingPolicy, WordTiming
from catalog.snapshot_loading import load_snapshot
from catalog.stages import Stage
from catalog.tool_rows import sync_tools
from tests.catalog.factories import make_agent, make_clip

pytestmark = pytest.mark.django_db

LISBON = "+351200000011"


def test_it_finds_the_agent_of_a_number_and_the_default_one_for_others() -> None:
    vera = make_agent("Vera")
    PhoneNumber.objects.create(number=LISBON, agent=vera)
    snapshot = load_snapshot()
    assert snapshot.agent_for(LISBON) == snapshot.agents[vera.pk]
    reception = snapshot.agent_for("+12025550199")
    assert reception is not None and reception.name == "Reception"


def test_it_gives_the_numbers_of_a_disabled_agent_to_the_default_one() -> None:
    vera = make_agent("Vera", enabled=False)
    PhoneNumber.objects.create(number=LISBON, agent=vera)
    agent = load_snapshot().agent_for(LISBON)
    assert agent is not None and agent.name == "Reception"


def test_it_has_no_agent_where_nobody_is_the_default() -> None:
    Agent.objects.update(is_default=False)
    snapshot = load_snapshot()
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
    )
    spec = load_snapshot().agents[row.pk]
    copied = {"language", "voice_id", "greeting_text", "time_zone", "transfer_number"}
    for name in copied | {"business_name", "max_call_seconds"}:
        assert getattr(spec, name) == getattr(row, name)
    assert spec.prompt.text == "Be brief." and spec.prompt.version == 1
    assert spec.greeting_policy is GreetingPolicy.PROTECTED
    assert (spec.tools_at_start, spec.tools_later) == (Stage.ESSENTIAL, Stage.FULL)
    assert spec.greeting_clip is not None
    assert spec.greeting_clip.words == (WordTiming("Hello.", 20, 400),)
    # One clip, one copy of its audio, however many use it.
    assert spec.greeting_clip is spec.apology_clip


def test_its_clips_are_ready_to_send() -> None:
    row = make_agent("Vera", greeting_clip=make_clip(mulaw=b"\x12" * 4_100))
    clip = load_snapshot().agents[row.pk].greeting_clip
    assert clip is not None
    assert len(clip.mulaw) == 4_160 and clip.duration_ms == 520
    assert b"".join(map(base64.b64decode, clip.payloads)) == clip.mulaw
    assert clip.mulaw.endswith(bytes([mulaw.SILENCE]))


def test_it_leaves_out_a_clip_without_audio_and_names_it(caplog: pytest.LogCaptureFixture) -> None:
    clip = make_clip("Summer", mulaw=b"")
    row = make_agent("Vera", greeting_clip=clip, apology_clip=clip)
    with caplog.at_level(logging.ERROR, "catalog"):
        spec = load_snapshot().agents[row.pk]
    assert spec.greeting_clip is None and spec.apology_clip is None
    assert [record.getMessage().split(":")[0] for record in caplog.records] == [
        "Clip 'Summer' has no audio"
    ]


def names(stage: Stage) -> list[str]:
    return [spec.name for spec in load_snapshot().tools_for(stage)]


def test_it_offers_each_stage_the_tools_up_to_it() -> None:
    assert names(Stage.CRITICAL) == ["end_call", "get_current_time"]
    assert names(Stage.ESSENTIAL) == ["end_call", "get_current_time", "get_customer"]


def test_it_offers_what_staff_decided() -> None:
    Tool.objects.filter(name="end_call").update(enabled=False)
    Tool.objects.filter(name="get_customer").update(stage="critical")
    assert names(Stage.CRITICAL) == ["get_current_time", "get_customer"]


def test_it_offers_a_new_tool_as_its_author_meant_until_it_has_a_row() -> None:
    Tool.objects.all().delete()
    assert names(Stage.CRITICAL) == ["end_call", "get_current_time"]
    sync_tools()
    assert names(Stage.CRITICAL) == ["end_call", "get_current_time"]


def test_it_ignores_a_row_whose_tool_is_gone() -> None:
    Tool.objects.create(name="send_fax", stage="critical")
    assert "send_fax" not in names(Stage.FULL)


def test_it_cannot_be_changed() -> None:
    snapshot = load_snapshot()
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.revision = 7  # type: ignore[misc]
    with pytest.raises(TypeError):
        snapshot.agents[1] = next(iter(snapshot.agents.values()))  # type: ignore[index]


def test_it_reads_as_often_for_many_agents_as_for_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        make_agent(f"Agent {number}", greeting_clip=make_clip(f"Clip {number}"))
    with django_assert_num_queries(4):
        load_snapshot()
