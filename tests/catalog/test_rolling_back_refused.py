"""catalog/publishing.py: a revision that callers could not be served from any more stays away."""

import pytest

from catalog.document import read_tables
from catalog.models import Agent, CatalogRevision, Prompt, Recording
from catalog.publishing import CannotPublish, publish_recording, roll_back_to
from tests.catalog.factories import make_clip, make_prompt, make_recording
from tests.catalog.older_revisions import make_vera, now

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vera() -> Agent:
    return make_vera()


def refused(revision: CatalogRevision) -> str:
    """Why; nothing has changed, and nothing was published."""
    newest, before = now(), read_tables()
    with pytest.raises(CannotPublish) as refusal:
        roll_back_to(revision)
    assert read_tables() == before
    assert CatalogRevision.objects.latest() == newest
    why = str(refusal.value)
    start = f"Revision {revision.pk} cannot be used any more. "
    assert why.startswith(start) and why.endswith(".")
    return why.removeprefix(start)


def test_it_is_refused_when_a_clip_was_deleted(vera: Agent) -> None:
    good, clip = now(), vera.greeting_clip
    assert clip is not None
    Agent.objects.filter(pk=vera.pk).update(greeting_clip=None)
    clip.delete()
    assert refused(good) == "The clip “greeting clip” has no recording."


def test_it_is_refused_when_a_recording_was_deleted(vera: Agent) -> None:
    good, clip = now(), vera.greeting_clip
    assert clip is not None
    publish_recording(make_recording(clip))
    Recording.objects.get(clip=clip, version=1).delete()
    assert refused(good) == "The clip “greeting clip” has no recording."


def test_it_is_refused_when_a_prompt_was_deleted(vera: Agent) -> None:
    good, prompt = now(), vera.prompt
    vera.prompt = make_prompt("Support")
    vera.save()
    prompt.delete()
    assert refused(good) == "The prompt “Sales” has no published version."


@pytest.mark.parametrize("gone", ["greeting_clip", "prompt"])
def test_it_is_refused_also_for_an_agent_that_is_switched_off(vera: Agent, gone: str) -> None:
    Agent.objects.filter(pk=vera.pk).update(enabled=False)
    good, row = now(), getattr(vera, gone)
    Agent.objects.filter(pk=vera.pk).update(greeting_clip=None, prompt=make_prompt("Support"))
    row.delete()
    assert refused(good) == "A clip or the prompt of Vera was deleted."


def test_a_draft_prompt_of_an_agent_that_is_switched_off_is_no_hindrance(vera: Agent) -> None:
    draft = Prompt.objects.create(name="Draft")
    Agent.objects.filter(pk=vera.pk).update(enabled=False, prompt=draft)
    good = now()
    Agent.objects.filter(pk=vera.pk).update(business_name="Changed")
    now()
    roll_back_to(good)
    vera.refresh_from_db()
    assert (vera.business_name, vera.prompt) == ("Clínica Bétula", draft)


def test_an_unused_clip_that_was_deleted_is_no_hindrance(vera: Agent) -> None:
    unused, replaced = make_clip("Unused"), make_clip("Replaced")
    good = now()
    unused.delete()
    publish_recording(make_recording(replaced))
    Recording.objects.get(clip=replaced, version=1).delete()
    Agent.objects.filter(pk=vera.pk).update(business_name="Changed")
    now()
    roll_back_to(good)
    vera.refresh_from_db()
    replaced.refresh_from_db()
    assert vera.business_name == "Clínica Bétula"
    assert replaced.published.version == 2


def test_it_is_refused_when_what_was_kept_is_damaged(vera: Agent) -> None:
    good = now()
    CatalogRevision.objects.filter(pk=good.pk).update(document="nothing")
    good.refresh_from_db()
    assert refused(good) == "The record of this revision is damaged."
