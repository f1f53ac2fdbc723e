"""The agent page: only what is published can be chosen, and hours that can be kept."""

from datetime import time
from typing import Any

import pytest
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.models import Agent, Clip, OpeningHours, PhoneNumber, Prompt, Tool
from tests.catalog.factories import (
    make_agent,
    make_clip,
    make_prompt,
    make_recording,
    make_version,
)
from tests.catalog.studio import editor, errors_of

PAGES = ("agent", "clip", "phonenumber", "prompt", "tool")
LIST = "/admin/catalog/agent/"
NINE_TO_FIVE = ("0", "09:00", "17:00")


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


def agent_form(
    agent: Agent, hours: tuple[tuple[str, str, str], ...] = (), **fields: Any
) -> dict[str, Any]:
    form = {
        name: value for name, value in model_to_dict(agent).items() if value not in (None, False)
    }
    for prefix, count in (("numbers", 0), ("hours", len(hours)), ("transfer_targets", 0)):
        form |= {f"{prefix}-TOTAL_FORMS": count, f"{prefix}-INITIAL_FORMS": 0}
    for index, (weekday, opens, closes) in enumerate(hours):
        line = {"weekday": weekday, "opens": opens, "closes": closes}
        form |= {f"hours-{index}-{name}": value for name, value in line.items()}
    return form | fields


def change(agent: Agent) -> str:
    return reverse("admin:catalog_agent_change", args=(agent.pk,))


def errors_of_hours(response: Any) -> str:
    assert response.status_code == 200
    (inline,) = (
        found.formset
        for found in response.context["inline_admin_formsets"]
        if found.formset.model is OpeningHours
    )
    return f"{inline.non_form_errors()} {inline.errors}"


def saved(response: Any) -> bool:
    assert response.status_code == 302, response.context["errors"]
    return True


# Pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_list_and_form_opens(erin: Client, page: str) -> None:
    PhoneNumber.objects.create(number="+351200000011", agent=Agent.objects.get())
    assert erin.get(reverse(f"admin:catalog_{page}_changelist"), {"q": "a"}).status_code == 200
    row = {
        "agent": Agent.objects.get(),
        "clip": Agent.objects.get().greeting_clip,
        "phonenumber": PhoneNumber.objects.get(),
        "prompt": Agent.objects.get().prompt,
        "tool": Tool.objects.first(),
    }[page]
    assert row is not None
    assert erin.get(reverse(f"admin:catalog_{page}_change", args=(row.pk,))).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_staff_without_permission_see_nothing(bob: Client, page: str) -> None:
    assert bob.get(reverse(f"admin:catalog_{page}_changelist")).status_code == 403


def test_its_list_says_whose_greeting_is_only_text(erin: Client) -> None:
    make_agent("Vera")
    assert "No clip: the text is spoken" in erin.get(LIST).content.decode()


def test_its_list_reads_no_audio(
    erin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        make_agent(f"Agent {number}", greeting_clip=make_clip(f"Clip {number}"))
    with django_assert_max_num_queries(16) as queries:
        assert erin.get(LIST).content.decode().count("<audio") >= 10
    assert not [query for query in queries.captured_queries if "mulaw" in query["sql"]]


# What can be filled in ----------------------------------------------------------------------


def test_it_saves_an_agent_with_a_new_number(erin: Client) -> None:
    agent = Agent.objects.get()
    fields = {
        "numbers-TOTAL_FORMS": 1,
        "numbers-0-number": "+351 200 000 011",
        "language": "pt",
        "time_zone": "Europe/Lisbon",
    }
    assert saved(erin.post(change(agent), agent_form(agent, **fields)))
    agent.refresh_from_db()
    assert (agent.language, agent.time_zone) == ("pt", "Europe/Lisbon")
    assert agent.numbers.get().number == "+351200000011"


def test_a_number_that_cannot_be_dialled_is_an_error_of_the_form(erin: Client) -> None:
    agent = Agent.objects.get()
    form = agent_form(agent, transfer_number="the front desk")
    assert "country code" in str(errors_of(erin.post(change(agent), form))["transfer_number"])


def test_another_agent_can_take_over_the_other_numbers(erin: Client) -> None:
    vera = make_agent("Vera")
    assert saved(erin.post(change(vera), agent_form(vera, is_default="on")))
    assert list(Agent.objects.filter(is_default=True)) == [vera]


CLIP_FIELDS = (
    "greeting_clip",
    "one_moment_clip",
    "apology_clip",
    "out_of_hours_clip",
    "consent_clip",
)


@pytest.mark.parametrize("field", CLIP_FIELDS)
def test_only_published_clips_can_be_chosen(erin: Client, field: str) -> None:
    draft = Clip.objects.create(name="Only a draft")
    make_recording(draft)
    vera = make_agent("Vera")
    assert "Only a draft" not in erin.get(change(vera)).content.decode()
    errors = errors_of(erin.post(change(vera), agent_form(vera, **{field: draft.pk})))
    assert list(errors) == [field]
    assert saved(erin.post(change(vera), agent_form(vera, **{field: make_clip("Ready").pk})))


def test_only_published_prompts_can_be_chosen(erin: Client) -> None:
    draft = Prompt.objects.create(name="Only a draft")
    make_version(draft, "Sell.")
    vera = make_agent("Vera")
    assert "Only a draft" not in erin.get(change(vera)).content.decode()
    assert list(errors_of(erin.post(change(vera), agent_form(vera, prompt=draft.pk)))) == ["prompt"]
    assert saved(erin.post(change(vera), agent_form(vera, prompt=make_prompt("Ready").pk)))


# Records ------------------------------------------------------------------------------------


def test_recording_is_off_until_somebody_turns_it_on(erin: Client) -> None:
    vera = make_agent("Vera")
    assert not vera.record_calls
    fields = {
        "record_calls": "on",
        "consent_clip": make_clip("Announcement").pk,
        "keep_recordings_days": 30,
        "keep_transcripts_days": 90,
        "survey": vera.survey,
        "survey_question": "How was it?",
        "details_schema": '{"type": "object", "properties": {"reason": {"type": "string"}}}',
    }
    assert saved(erin.post(change(vera), agent_form(vera, **fields)))
    vera.refresh_from_db()
    assert vera.record_calls and vera.consent_clip is not None
    assert (vera.keep_recordings_days, vera.keep_transcripts_days) == (30, 90)
    assert vera.survey_question == "How was it?" and "reason" in str(vera.details_schema)


@pytest.mark.parametrize("field", ["keep_recordings_days", "keep_transcripts_days"])
def test_a_term_is_a_number_of_days(erin: Client, field: str) -> None:
    vera = make_agent("Vera")
    errors = errors_of(erin.post(change(vera), agent_form(vera, **{field: 0})))
    assert list(errors) == [field]


# Business hours -----------------------------------------------------------------------------


def test_hours_are_entered_beside_the_agent(erin: Client) -> None:
    vera = make_agent("Vera")
    lines = (NINE_TO_FIVE, ("1", "09:00", "00:00"), ("2", "00:00", "00:00"))
    assert saved(erin.post(change(vera), agent_form(vera, lines)))
    assert [str(hours) for hours in vera.hours.all()] == [
        "Monday 09:00–17:00",
        "Tuesday 09:00–00:00",
        "Wednesday 00:00–00:00",
    ]


@pytest.mark.parametrize(
    "line", [("0", "17:00", "09:00"), ("0", "09:00", "09:00"), ("7", "09:00", "17:00")]
)
def test_hours_that_cannot_be_kept_are_refused(erin: Client, line: tuple[str, str, str]) -> None:
    vera = make_agent("Vera")
    said = errors_of_hours(erin.post(change(vera), agent_form(vera, (line,))))
    assert "closes before it opens" in said or "valid choice" in said
    assert not vera.hours.exists()


def test_ending_calls_out_of_hours_wants_a_clip_to_play_first(erin: Client) -> None:
    vera = make_agent("Vera")
    form = agent_form(vera, (NINE_TO_FIVE,), out_of_hours="hang_up")
    errors = errors_of(erin.post(change(vera), form))
    assert "before the call is ended" in errors["out_of_hours_clip"][0]


def test_ending_calls_out_of_hours_wants_hours(erin: Client) -> None:
    vera = make_agent("Vera")
    fields = {"out_of_hours": "hang_up", "out_of_hours_clip": make_clip("Closed").pk}
    refused = erin.post(change(vera), agent_form(vera, **fields))
    assert "enter these hours" in errors_of_hours(refused)
    # An error beside no field has to be on the page as well.
    assert "enter these hours" in refused.content.decode()
    assert saved(erin.post(change(vera), agent_form(vera, (NINE_TO_FIVE,), **fields)))


def test_the_last_hours_of_an_agent_that_ends_calls_cannot_be_deleted(erin: Client) -> None:
    vera = make_agent("Vera", out_of_hours="hang_up", out_of_hours_clip=make_clip("Closed"))
    kept = OpeningHours.objects.create(agent=vera, weekday=0, opens=time(9), closes=time(17))
    form = agent_form(vera, (NINE_TO_FIVE,)) | {
        "hours-INITIAL_FORMS": 1,
        "hours-0-id": kept.pk,
        "hours-0-agent": vera.pk,
        "hours-0-DELETE": "on",
    }
    assert "enter these hours" in errors_of_hours(erin.post(change(vera), form))
    assert saved(erin.post(change(vera), form | {"out_of_hours": "converse"}))
    assert not vera.hours.exists()


# The default agent --------------------------------------------------------------------------


def test_the_default_agent_cannot_be_deleted(erin: Client) -> None:
    agent = Agent.objects.get()
    assert erin.post(reverse("admin:catalog_agent_delete", args=(agent.pk,))).status_code == 403
    erin.post(LIST, {"action": "delete_selected", "_selected_action": [agent.pk], "post": "yes"})
    assert Agent.objects.filter(pk=agent.pk).exists()


def test_the_default_agent_cannot_be_switched_off(erin: Client) -> None:
    agent = Agent.objects.get()
    form = agent_form(agent)
    del form["enabled"]
    errors = errors_of(erin.post(change(agent), form))
    assert "make another agent do so" in errors["__all__"][0]


def test_any_other_agent_can_be_deleted(erin: Client) -> None:
    vera = make_agent("Vera")
    erin.post(reverse("admin:catalog_agent_delete", args=(vera.pk,)), {"post": "yes"})
    assert not Agent.objects.filter(name="Vera").exists()


def test_a_clip_or_prompt_in_use_cannot_be_deleted(erin: Client) -> None:
    agent = Agent.objects.get()
    assert agent.greeting_clip is not None
    for page, row in (("clip", agent.greeting_clip), ("prompt", agent.prompt)):
        delete = reverse(f"admin:catalog_{page}_delete", args=(row.pk,))
        assert erin.post(delete, {"post": "yes"}).status_code == 403
        assert type(row).objects.filter(pk=row.pk).exists()


def test_a_page_that_was_overtaken_says_so_once_before_it_undoes_anything(erin: Client) -> None:
    agent = Agent.objects.get()
    page = erin.get(change(agent))
    seen = page.context["adminform"].form["seen"].value()
    Agent.objects.filter(pk=agent.pk).update(greeting_text="A colleague's words.")
    form = agent_form(agent, max_call_seconds=777, seen=seen)
    refused = erin.post(change(agent), form)
    assert "somebody else changed this agent" in refused.content.decode()
    assert Agent.objects.get().greeting_text == "A colleague's words."
    again = refused.context["adminform"].form["seen"].value()
    assert saved(erin.post(change(agent), form | {"seen": again}))
    assert Agent.objects.get().max_call_seconds == 777
