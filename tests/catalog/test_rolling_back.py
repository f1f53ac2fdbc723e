"""catalog/publishing.py: the catalog becomes what it was at an older revision."""

import pytest
from django.db import transaction

from catalog.document import read_tables
from catalog.models import Agent, CatalogRevision, Clip, PhoneNumber, Prompt, Tool
from catalog.publishing import publish_prompt_version, publish_recording, roll_back_to
from tests.catalog.factories import make_agent, make_clip, make_recording, make_version
from tests.catalog.older_revisions import (
    LISBON,
    PORTO,
    change_everything,
    make_vera,
    now,
    served_from,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vera() -> Agent:
    return make_vera()


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


def test_a_transaction_that_is_taken_back_takes_it_back(vera: Agent) -> None:
    good = now()
    change_everything(vera)
    changed, before = now(), read_tables()
    with pytest.raises(RuntimeError), transaction.atomic():
        roll_back_to(good)
        raise RuntimeError
    assert read_tables() == before
    assert CatalogRevision.objects.latest() == changed
