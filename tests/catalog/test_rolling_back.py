"""catalog/publishing.py: the catalog becomes what it was at an older revision, or stays whole."""

from datetime import time

import pytest
from django.db import transaction

from catalog.document import read_tables
from catalog.models import (
    Agent,
    CatalogRevision,
    Clip,
    OpeningHours,
    PhoneNumber,
    Prompt,
    Recording,
    Tool,
)
from catalog.publishing import (
    CannotPublish,
    publish,
    publish_prompt_version,
    publish_recording,
    roll_back_to,
)
from catalog.snapshot import CatalogSnapshot
from catalog.snapshot_loading import load_snapshot
from tests.catalog.factories import (
    make_agent,
    make_clip,
    make_prompt,
    make_recording,
    make_version,
)

pytestmark = pytest.mark.django_db(transaction=True)

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


@pytest.fixture
def vera() -> Agent:
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
        enabled=False,
        prompt=make_prompt("Support"),
    )
    PhoneNumber.objects.all().delete()
    OpeningHours.objects.all().delete()
    OpeningHours.objects.create(agent=vera, weekday=6, opens=time(1), closes=time(2))
    Tool.objects.update(enabled=False, stage="full")


def test_everything_is_back(vera: Agent) -> None:
    good, before = now(), read_tables()
    change_everything(vera)
    assert served_from(now()) != served_from(good)
    roll_back_to(good)
    assert served_from(CatalogRevision.objects.latest()) == served_from(good)
    kept = {"catalog.clip", "catalog.prompt"}  # Those made since stay.
    assert [row for row in read_tables() if row["model"] not in kept] == [
        row for row in before if row["model"] not in kept
    ]


def test_it_is_a_revision_of_its_own_that_says_so(vera: Agent) -> None:
    good = now()
    change_everything(vera)
    newest = now()
    roll_back_to(good)
    made = CatalogRevision.objects.filter(pk__gt=newest.pk)
    assert [revision.cause for revision in made] == [f"Rolled back to revision {good.pk}"]
    good.refresh_from_db()
    assert served_from(good) == served_from(CatalogRevision.objects.latest())


def test_what_was_published_then_is_published_again_and_newer_versions_stay(vera: Agent) -> None:
    clip, prompt = vera.greeting_clip, vera.prompt
    assert clip is not None
    good = now()
    publish_recording(make_recording(clip, text="Second."))
    publish_prompt_version(make_version(prompt, "Second."))
    draft = make_recording(clip, text="A draft.")
    roll_back_to(good)
    clip.refresh_from_db()
    prompt.refresh_from_db()
    assert clip.published.version == prompt.published.version == 1
    assert [recording.version for recording in clip.recordings.all()] == [3, 2, 1]
    assert [version.version for version in prompt.versions.all()] == [2, 1]
    draft.refresh_from_db()
    assert draft.published_at is None


def test_an_agent_deleted_since_returns_with_its_number_and_hours(vera: Agent) -> None:
    good, pk = now(), vera.pk
    vera.delete()
    roll_back_to(good)
    back = Agent.objects.get(pk=pk)
    assert back.name == "Vera"
    assert [str(number) for number in back.numbers.all()] == [LISBON]
    assert back.hours.count() == 2


def test_an_agent_made_since_goes_and_what_was_made_for_it_stays_unused(vera: Agent) -> None:
    good = now()
    otto = make_agent("Otto", greeting_clip=make_clip("Otto's"))
    PhoneNumber.objects.create(number=PORTO, agent=otto)
    roll_back_to(good)
    assert not Agent.objects.filter(name="Otto").exists()
    assert not PhoneNumber.objects.filter(number=PORTO).exists()
    assert Clip.objects.filter(name="Otto's").exists()
    assert Prompt.objects.filter(name="Prompt of Otto").exists()


def test_names_numbers_and_the_default_mark_that_were_swapped_are_swapped_back(
    vera: Agent,
) -> None:
    reception = Agent.objects.get(name="Front desk")
    PhoneNumber.objects.create(number=PORTO, agent=reception)
    good = now()
    first, second = PhoneNumber.objects.order_by("pk")
    with transaction.atomic():
        Agent.objects.filter(pk=vera.pk).update(name="-")
        Agent.objects.filter(pk=reception.pk).update(name="Vera", is_default=False)
        Agent.objects.filter(pk=vera.pk).update(name="Front desk", is_default=True)
        PhoneNumber.objects.filter(pk=first.pk).update(number="+351200000013")
        PhoneNumber.objects.filter(pk=second.pk).update(number=LISBON)
        PhoneNumber.objects.filter(pk=first.pk).update(number=PORTO)
    assert served_from(now()) != served_from(good)
    roll_back_to(good)
    assert served_from(CatalogRevision.objects.latest()) == served_from(good)
    assert Agent.objects.get(is_default=True).pk == reception.pk
    assert {str(row): row.agent.name for row in PhoneNumber.objects.all()} == {
        LISBON: "Vera",
        PORTO: "Front desk",
    }


def test_a_name_that_a_newer_agent_has_taken_is_given_back(vera: Agent) -> None:
    good = now()
    Agent.objects.filter(pk=vera.pk).update(name="Old Vera")
    make_agent("Vera", prompt=vera.prompt)
    now()
    roll_back_to(good)
    assert Agent.objects.get(name="Vera").pk == vera.pk
    assert not Agent.objects.filter(name="Old Vera").exists()


def test_tools_have_their_settings_back_and_tools_made_since_stay(vera: Agent) -> None:
    good = now()
    Tool.objects.filter(name="end_call").update(stage="full", enabled=False)
    Tool.objects.create(name="send_fax", stage="critical")
    now()
    roll_back_to(good)
    tools = dict(Tool.objects.values_list("name", "stage"))
    assert (tools["end_call"], tools["send_fax"]) == ("critical", "critical")
    assert Tool.objects.get(name="end_call").enabled


def test_a_tool_that_was_off_and_whose_row_is_gone_is_off_again(vera: Agent) -> None:
    Tool.objects.filter(name="end_call").update(enabled=False)
    good = now()
    Tool.objects.all().delete()
    roll_back_to(good)
    assert not Tool.objects.get(name="end_call").enabled


def test_it_can_be_done_twice_and_undone(vera: Agent) -> None:
    good = now()
    change_everything(vera)
    changed = now()
    roll_back_to(good)
    back = CatalogRevision.objects.latest()
    roll_back_to(changed)
    assert served_from(CatalogRevision.objects.latest()) == served_from(changed)
    roll_back_to(back)
    assert served_from(CatalogRevision.objects.latest()) == served_from(good)


def test_to_where_it_is_already_makes_no_revision(vera: Agent) -> None:
    good = now()
    roll_back_to(good)
    assert CatalogRevision.objects.latest() == good
    change_everything(vera)
    now()
    roll_back_to(good)
    back = CatalogRevision.objects.latest()
    roll_back_to(good)
    assert CatalogRevision.objects.latest() == back


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


def test_a_transaction_that_is_taken_back_takes_it_back(vera: Agent) -> None:
    good = now()
    change_everything(vera)
    changed, before = now(), read_tables()
    with pytest.raises(RuntimeError), transaction.atomic():
        roll_back_to(good)
        raise RuntimeError
    assert read_tables() == before
    assert CatalogRevision.objects.latest() == changed
