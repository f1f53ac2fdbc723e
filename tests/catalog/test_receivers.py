"""catalog/receivers.py: an edit counts when it is committed, and only then."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import models
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog.models import Agent, CatalogRevision, Clip, PhoneNumber, Prompt, Tool
from tests.catalog.factories import make_agent, make_clip, make_prompt

pytestmark = pytest.mark.django_db

MAKERS: dict[str, Callable[[], models.Model]] = {
    "clip": make_clip,
    "prompt": make_prompt,
    "agent": lambda: make_agent(prompt=Prompt.objects.get()),
    "phone number": lambda: PhoneNumber.objects.create(
        number="+351200000011", agent=Agent.objects.get()
    ),
    "tool": lambda: Tool.objects.create(name="send_fax"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_it_counts_what_is_saved_and_deleted(
    name: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    CatalogRevision.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        row = MAKERS[name]()
    with django_capture_on_commit_callbacks(execute=True):
        row.delete()
    causes = CatalogRevision.objects.order_by("pk").values_list("cause", flat=True)
    assert list(causes) == [f"{name} saved", f"{name} deleted"]


def test_it_does_not_count_before_the_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    before = CatalogRevision.objects.count()
    with django_capture_on_commit_callbacks() as callbacks:
        make_clip()
    assert CatalogRevision.objects.count() == before
    assert len(callbacks) == 1


def test_it_gives_every_tool_a_row_when_the_database_is_migrated() -> None:
    Tool.objects.all().delete()
    Tool.objects.create(name="end_call", stage="full", enabled=False)
    call_command("migrate", verbosity=0)
    assert dict(Tool.objects.values_list("name", "stage")) == {
        "end_call": "full",
        "get_current_time": "critical",
        "get_customer": "essential",
    }
    assert not Tool.objects.get(name="end_call").enabled


def test_the_first_agent_can_answer() -> None:
    """What the migrations leave behind: a call to a fresh installation is greeted."""
    agent = Agent.objects.get()
    clip = Clip.objects.get(name="Default greeting")
    assert agent.is_default and agent.enabled
    assert agent.greeting_clip == clip and agent.greeting_text == clip.text
    assert 4_000 <= clip.duration_ms <= 5_000
    assert len(bytes(clip.mulaw)) == clip.duration_ms * 8 <= 40_000
    assert " ".join(word["word"] for word in clip.words) == clip.text
    starts = [word["start_ms"] for word in clip.words]
    assert starts == sorted(starts) and clip.words[-1]["end_ms"] <= clip.duration_ms
    assert "do not greet again" in agent.prompt.text
    assert "Saturday" in agent.prompt.text
