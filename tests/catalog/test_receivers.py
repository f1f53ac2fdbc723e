"""catalog/receivers.py: an edit counts when it is committed, and only then."""

from collections.abc import Callable
from datetime import time

import pytest
from django.core.management import call_command
from django.db import models
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog.models import Agent, CatalogRevision, Clip, OpeningHours, PhoneNumber, Prompt, Tool
from catalog.snapshot_loading import load_snapshot, newest_revision
from catalog.tools.registry import all_tools
from tests.catalog.factories import make_agent, make_clip, make_prompt

pytestmark = pytest.mark.django_db

MAKERS: dict[str, Callable[[], models.Model]] = {
    "clip": make_clip,
    "prompt": make_prompt,
    "agent": lambda: make_agent(prompt=Prompt.objects.get()),
    "phone number": lambda: PhoneNumber.objects.create(
        number="+351200000011", agent=Agent.objects.get()
    ),
    "opening hours": lambda: OpeningHours.objects.create(
        agent=Agent.objects.get(), weekday=0, opens=time(9), closes=time(17)
    ),
    "tool": lambda: Tool.objects.create(name="send_fax"),
}
CAUSES = {
    "clip": "Clip “Welcome”",
    "prompt": "Prompt “Sales”",
    "agent": "Agent “Vera”",
    "phone number": "Phone number “+351200000011”",
    "opening hours": "Business hours “Monday 09:00–17:00”",
    "tool": "Tool “send_fax”",
}


@pytest.mark.parametrize("name", MAKERS)
def test_it_counts_what_is_saved_and_deleted(
    name: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    before = newest_revision()
    with django_capture_on_commit_callbacks(execute=True):
        row = MAKERS[name]()
    with django_capture_on_commit_callbacks(execute=True):
        row.delete()
    made = CatalogRevision.objects.filter(pk__gt=before).order_by("pk")
    causes = made.values_list("cause", flat=True)
    assert list(causes) == [f"{CAUSES[name]} saved", f"{CAUSES[name]} deleted"]


def test_it_does_not_count_before_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    before = CatalogRevision.objects.count()
    with django_capture_on_commit_callbacks() as callbacks:
        make_clip()
    assert CatalogRevision.objects.count() == before
    assert callbacks


def test_it_gives_every_tool_a_row_when_the_database_is_migrated() -> None:
    Tool.objects.all().delete()
    Tool.objects.create(name="end_call", stage="full", enabled=False)
    call_command("migrate", verbosity=0)
    meant = {spec.name: spec.default_stage.value for spec in all_tools()}
    assert dict(Tool.objects.values_list("name", "stage")) == {**meant, "end_call": "full"}
    assert meant["get_current_time"] == "critical" and meant["get_customer"] == "essential"
    assert not Tool.objects.get(name="end_call").enabled


def test_a_database_that_is_migrated_can_be_served_from_at_once(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    CatalogRevision.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("migrate", verbosity=0)
    assert CatalogRevision.objects.get().cause == "Installed or upgraded"
    assert load_snapshot(newest_revision()).agent_for("+12025550199") is not None


def test_the_first_agent_can_answer() -> None:
    """What the migrations leave behind: a call to a fresh installation is greeted."""
    agent = Agent.objects.get()
    clip = Clip.objects.get(name="Default greeting")
    recording = clip.published
    assert agent.is_default and agent.enabled and recording is not None
    assert agent.greeting_clip == clip and agent.greeting_text == recording.text
    assert 4_000 <= recording.duration_ms <= 5_000
    assert "do not greet again" in agent.prompt.published.text
    assert "Saturday" in agent.prompt.published.text


@pytest.mark.parametrize("field", ["greeting", "one_moment", "apology", "out_of_hours"])
def test_the_first_agent_has_its_clips(field: str) -> None:
    clip = getattr(Agent.objects.get(), f"{field}_clip")
    recording = clip.published
    assert recording.text and recording.source == "shipped"
    assert len(bytes(recording.mulaw)) == recording.duration_ms * 8 <= 80_000
    if recording.words:
        assert " ".join(word["word"] for word in recording.words) == recording.text
        starts = [word["start_ms"] for word in recording.words]
        assert starts == sorted(starts)
        assert recording.words[-1]["end_ms"] <= recording.duration_ms
