"""A newcomer is told what to do first, and what is missing before a real call is answered."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from catalog.admin import first_page
from catalog.clip_versions import correct_words
from catalog.models import Agent, Clip, PhoneNumber, Prompt
from catalog.publishing import publish_prompt_version, publish_recording
from catalog.readiness import Step, steps
from catalog.shipped import is_shipped_prompt
from tests.catalog.factories import make_recording, make_version

pytestmark = pytest.mark.django_db


def done() -> tuple[bool, ...]:
    return tuple(step.done for step in steps())


def links() -> tuple[str, ...]:
    return tuple(step.link for step in steps())


def test_of_a_fresh_installation_nothing_is_done() -> None:
    assert done() == (False, False, False)


def test_each_step_leads_to_the_page_where_it_is_done() -> None:
    agent = Agent.objects.get()
    assert links() == (
        "/admin/catalog/phonenumber/add/",
        f"/admin/catalog/clip/{agent.greeting_clip_id}/change/",
        f"/admin/catalog/prompt/{agent.prompt_id}/change/",
    )


def test_a_number_is_the_first_step() -> None:
    PhoneNumber.objects.create(number="+351210000000", agent=Agent.objects.get())
    assert done() == (True, False, False)
    assert "+351210000000" in steps()[0].sentence


def test_a_number_of_an_agent_that_is_off_does_not_count() -> None:
    off = Agent.objects.get()
    off.pk, off.name, off.is_default, off.enabled = None, "Off", False, False
    off.save()
    PhoneNumber.objects.create(number="+351210000000", agent=off)
    assert done()[0] is False


def test_a_recording_of_one_s_own_is_the_second() -> None:
    clip = Clip.objects.get(name="Default greeting")
    recording = make_recording(clip)
    assert done() == (False, False, False), "a draft is heard by nobody"
    publish_recording(recording)
    assert done() == (False, True, False)


def test_other_words_for_the_shipped_sound_are_not_one_s_own() -> None:
    clip = Clip.objects.get(name="Default greeting")
    assert clip.published is not None
    publish_recording(correct_words(clip.published, "Thank you.", ""))
    assert done()[1] is False


def test_an_agent_without_a_greeting_is_where_one_is_chosen() -> None:
    agent = Agent.objects.get()
    Agent.objects.update(greeting_clip=None)
    assert done()[1] is False
    assert links()[1] == f"/admin/catalog/agent/{agent.pk}/change/"


def test_a_prompt_of_one_s_own_is_the_third() -> None:
    publish_prompt_version(make_version(Prompt.objects.get(), "You work for us."))
    assert done() == (False, False, True)


def test_the_shipped_prompt_published_once_more_is_still_the_shipped_one() -> None:
    prompt = Prompt.objects.get()
    assert prompt.published is not None
    publish_prompt_version(make_version(prompt, prompt.published.text + "\n"))
    assert done()[2] is False


def test_the_shipped_prompt_is_known() -> None:
    """catalog/shipped.py has the fingerprint of what the migration makes."""
    version = Prompt.objects.get().published
    assert version is not None and is_shipped_prompt(version)


def test_without_a_default_agent_the_agents_come_first() -> None:
    Agent.objects.update(is_default=False)
    assert done() == (False, False, False)
    assert links()[1:] == ("/admin/catalog/agent/", "/admin/catalog/agent/")


# The page -----------------------------------------------------------------------


def test_the_first_page_shows_steps_and_what_is_missing(alice: Client) -> None:
    html = alice.get("/admin/").content.decode()
    assert "Get ready to answer calls" in html
    assert "0 of 3 steps done" in html
    assert "Still missing before a real call can be answered" in html
    for id in ("catalog.W004", "catalog.W005", "catalog.W006"):
        assert id in html


def test_it_says_so_when_all_is_well(
    alice: Client, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps_done = Step("A step", True, "Done.", "/admin/", "See")
    monkeypatch.setattr(first_page, "steps", lambda: (steps_done,) * 3)
    monkeypatch.setattr(first_page, "run_checks", lambda **kwargs: [])
    html = alice.get("/admin/").content.decode()
    assert "Nothing is missing: real calls can be answered." in html
    assert "Your own calls are set up" in html


def test_a_plain_address_is_missing_before_real_calls(settings) -> None:
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    found = {item.id: item for item in first_page.missing()}
    assert found["calls.E004"].is_error
    assert found["calls.E004"].link == "", "it is not put right in the admin"


def test_errors_come_before_warnings(settings) -> None:
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    errors = [item.is_error for item in first_page.missing()]
    assert errors == sorted(errors, reverse=True)
    assert True in errors and False in errors


def test_what_is_about_a_row_leads_to_its_page() -> None:
    clip = Clip.objects.get(name="Default greeting")
    found = {item.id: item.link for item in first_page.missing()}
    assert found["catalog.W005"] == f"/admin/catalog/clip/{clip.pk}/change/"
    assert found["catalog.W004"] == "/admin/catalog/phonenumber/add/"


def test_only_our_own_checks_are_told() -> None:
    assert all(item.id.startswith(("catalog.", "calls.")) for item in first_page.missing())


def test_who_only_reads_calls_is_led_to_them_and_not_to_the_steps(client: Client) -> None:
    maria = User.objects.create_user("maria", is_staff=True)
    maria.user_permissions.add(Permission.objects.get(codename="view_call"))
    client.force_login(maria)
    html = client.get("/admin/").content.decode()
    assert "Get ready to answer calls" not in html
    assert "Still missing" not in html
    assert 'href="/admin/calls/call/"' in html
    assert "/admin/catalog/" not in html.replace("/admin/catalog/catalogrevision/serving.json", "")


# Empty lists ----------------------------------------------------------------------


def test_an_empty_list_offers_to_add_the_first(alice: Client) -> None:
    html = alice.get("/admin/catalog/phonenumber/").content.decode()
    assert "No phone numbers yet" in html
    assert "/admin/catalog/phonenumber/add/" in html


def test_a_search_that_finds_nothing_offers_everything(alice: Client) -> None:
    html = alice.get("/admin/catalog/phonenumber/?q=nobody").content.decode()
    assert "Nothing matches" in html
    assert 'href="?"' in html
