"""catalog/models.py: what it refuses, and what it works out by itself."""

import hashlib

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError

from catalog.models import Agent, Clip, PhoneNumber, Recording
from tests.catalog.factories import (
    HALF_A_SECOND,
    make_agent,
    make_clip,
    make_prompt,
    make_recording,
    make_version,
)

pytestmark = pytest.mark.django_db


def test_a_recording_knows_its_length_and_fingerprint() -> None:
    recording = make_recording(Clip.objects.create(name="Welcome"))
    assert recording.duration_ms == 500
    assert recording.sha256 == hashlib.sha256(HALF_A_SECOND).hexdigest()


def test_a_clip_has_each_version_once() -> None:
    clip = make_clip()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_recording(clip, version=1)


def test_a_clip_in_use_cannot_be_deleted() -> None:
    clip = make_clip()
    make_agent(greeting_clip=clip)
    with pytest.raises(ProtectedError):
        clip.delete()


def test_what_callers_hear_cannot_be_deleted_and_a_draft_can() -> None:
    clip = make_clip()
    draft = make_recording(clip)
    assert clip.published is not None and clip.newest == draft
    draft.delete()
    with pytest.raises(RestrictedError):
        clip.published.delete()
    assert clip.newest == clip.published


def test_a_clip_that_nobody_plays_goes_with_its_recordings() -> None:
    clip = make_clip("Summer")
    clip.delete()
    assert not Recording.objects.filter(clip__name="Summer").exists()


def test_a_prompt_has_each_version_once() -> None:
    prompt = make_prompt("Sales")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_version(prompt, "Be kind.", version=1)


def test_a_prompt_in_use_cannot_be_deleted() -> None:
    prompt = make_prompt()
    make_agent(prompt=prompt)
    with pytest.raises(ProtectedError):
        prompt.delete()


def test_versions_are_named_after_what_they_are_versions_of() -> None:
    prompt, clip = make_prompt("Sales"), make_clip("Welcome")
    assert str(make_version(prompt, "Be kind.")) == "Sales v2"
    assert str(make_recording(clip)) == "Welcome v2"


@pytest.mark.parametrize("typed", ["+351 200 000 011", "+351-200-000-011", " +351200000011"])
def test_a_number_is_kept_in_one_spelling(typed: str) -> None:
    number = PhoneNumber(number=typed, agent=Agent.objects.get())
    number.full_clean()
    assert number.number == "+351200000011"
    assert PhoneNumber.objects.create(number=typed, agent=Agent.objects.get()).number == (
        "+351200000011"
    )


@pytest.mark.parametrize("typed", ["200 000 011", "reception", "+", "+1", "00351200000011"])
def test_a_number_without_its_country_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PhoneNumber(number=typed, agent=Agent.objects.get()).full_clean()
    assert "country code" in str(refused.value.message_dict["number"])


def test_two_spellings_of_a_number_are_one_number() -> None:
    PhoneNumber.objects.create(number="+351200000011", agent=Agent.objects.get())
    with pytest.raises(ValidationError) as refused:
        PhoneNumber(number="+351 200 000 011", agent=Agent.objects.get()).full_clean()
    assert "already exists" in str(refused.value.message_dict["number"])


def test_becoming_the_default_takes_it_from_the_other() -> None:
    vera = make_agent("Vera")
    vera.is_default = True
    vera.full_clean()
    vera.save()
    assert list(Agent.objects.filter(is_default=True)) == [vera]


def test_the_database_itself_has_one_default_at_most() -> None:
    make_agent("Vera")
    with pytest.raises(IntegrityError), transaction.atomic():
        Agent.objects.update(is_default=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Lisbon"),
        ("time_zone", "../etc/passwd"),
        ("language", "Portuguese"),
        ("language", "pt_BR"),
        ("transfer_number", "reception"),
        ("max_call_seconds", 29),
        ("max_call_seconds", 14_401),
        ("greeting_policy", "loud"),
        ("tools_at_start", "some"),
        ("out_of_hours", "shout"),
    ],
)
def test_an_agent_refuses_what_a_call_could_not_use(field: str, value: object) -> None:
    agent = Agent.objects.get()
    setattr(agent, field, value)
    with pytest.raises(ValidationError) as refused:
        agent.full_clean()
    assert field in refused.value.message_dict


@pytest.mark.parametrize("language", ["en", "pt", "pt-BR", "zh-Hant-TW", "es-419"])
def test_an_agent_takes_the_usual_language_tags(language: str) -> None:
    agent = Agent.objects.get()
    agent.language = language
    agent.full_clean()


def test_the_default_agent_cannot_be_switched_off() -> None:
    agent = Agent.objects.get()
    agent.enabled = False
    with pytest.raises(ValidationError, match="make another agent do so"):
        agent.full_clean()


def test_tools_cannot_be_taken_away_during_a_call() -> None:
    agent = Agent.objects.get()
    agent.tools_at_start, agent.tools_later = "full", "critical"
    with pytest.raises(ValidationError, match="must include"):
        agent.full_clean()
