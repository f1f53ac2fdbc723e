"""The prompt pages: a changed text is the next version, and the old one stays."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Agent, Prompt
from tests.catalog.factories import make_agent, make_prompt

ADD = "/admin/catalog/prompt/add/"


def change(prompt: Prompt) -> str:
    return reverse("admin:catalog_prompt_change", args=(prompt.pk,))


@pytest.fixture
def first(db: None) -> Prompt:
    return Prompt.objects.get()


def test_it_makes_the_next_version_and_leaves_the_old_one(alice: Client, first: Prompt) -> None:
    response = alice.post(change(first), {"text": "Be brief.", "note": "Shorter"}, follow=True)
    second = Prompt.objects.get(version=2)
    assert (second.name, second.text, second.note) == (first.name, "Be brief.", "Shorter")
    kept = Prompt.objects.get(version=1)
    assert (kept.pk, kept.text, kept.note) == (first.pk, first.text, first.note)
    assert "Version 2 is in use by: Reception." in response.content.decode()


def test_the_agents_of_the_old_version_go_over_to_the_new_one(alice: Client, first: Prompt) -> None:
    vera = make_agent("Vera")
    alice.post(change(first), {"text": "Be brief.", "note": ""})
    assert Agent.objects.get(name="Reception").prompt.version == 2
    vera.refresh_from_db()
    assert vera.prompt.name == "Prompt of Vera"


def test_it_makes_a_new_version_of_an_old_one_without_touching_agents(
    alice: Client, first: Prompt
) -> None:
    alice.post(change(first), {"text": "Second.", "note": ""})
    response = alice.post(change(first), {"text": "Third.", "note": ""}, follow=True)
    assert Prompt.objects.get(version=3).text == "Third."
    assert Agent.objects.get().prompt.version == 2
    assert "No agent uses version 3 yet." in response.content.decode()


def test_saving_what_was_not_changed_makes_no_version(alice: Client, first: Prompt) -> None:
    as_browsers_send_it = first.text.replace("\n", "\r\n")
    alice.post(change(first), {"text": as_browsers_send_it, "note": ""})
    kept = Prompt.objects.get()
    assert (kept.text, kept.note) == (first.text, first.note)


def test_a_note_can_be_corrected_without_a_version(alice: Client, first: Prompt) -> None:
    alice.post(change(first), {"text": first.text, "note": "The first one"})
    assert Prompt.objects.get().note == "The first one"


def test_it_goes_on_editing_with_the_new_version(alice: Client, first: Prompt) -> None:
    response = alice.post(change(first), {"text": "Be brief.", "note": "", "_continue": "1"})
    assert response["Location"] == change(Prompt.objects.get(version=2))


def test_its_history_is_that_of_the_new_version(alice: Client, first: Prompt) -> None:
    alice.post(change(first), {"text": "Be brief.", "note": ""})
    second = Prompt.objects.get(version=2)
    page = alice.get(reverse("admin:catalog_prompt_history", args=(second.pk,)))
    assert "Changed Text" in page.content.decode()


def test_a_new_prompt_starts_at_version_one(alice: Client) -> None:
    alice.post(ADD, {"name": "Sales", "text": "Sell.", "note": ""})
    assert Prompt.objects.get(name="Sales").version == 1


def test_a_name_that_is_taken_is_an_error_and_not_a_version(alice: Client) -> None:
    make_prompt("Sales", version=4)
    response = alice.post(ADD, {"name": "Sales", "text": "Sell.", "note": ""})
    assert "open it to write its next version" in response.content.decode()
    assert Prompt.objects.filter(name="Sales").count() == 1


def test_a_name_cannot_be_changed(alice: Client, first: Prompt) -> None:
    alice.post(change(first), {"name": "Other", "text": "Be brief.", "note": ""})
    assert set(Prompt.objects.values_list("name", flat=True)) == {first.name}
