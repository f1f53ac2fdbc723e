"""The preview of a prompt: exactly what the model is told, for a chosen customer."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from calls import prompt_preview
from calls.prompting import system_prompt
from catalog.models import Agent, PromptVersion
from catalog.prompt_tokens import about_tokens
from customers.local import record_of
from customers.models import Customer, CustomerFact
from tests.catalog.factories import (
    make_agent,
    make_clip,
    make_prompt,
    make_version,
    published_snapshot,
)

pytestmark = pytest.mark.django_db
SCRIPT = "</customer><script>alert(1)</script>"


class StoppedClock(datetime):
    """A Monday at noon, wherever the agent is."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return datetime(2026, 3, 9, 12, tzinfo=tz or UTC)


@pytest.fixture(autouse=True)
def monday_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_preview, "datetime", StoppedClock)


def browser(*rights: str) -> Client:
    user = User.objects.create_user("erin", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def erin() -> Client:
    return browser("view_prompt", "view_customer")


def url(version: PromptVersion) -> str:
    return reverse("admin:calls_prompt_preview", args=(version.pk,))


def maria(**fields: Any) -> Customer:
    usual = {"name": "Maria Silva", "phone": "+351200000002", "notes": "Prefers mornings."}
    return Customer.objects.create(**{**usual, **fields})


def draft_for(agent: Agent, text: str) -> PromptVersion:
    return make_version(agent.prompt, text)


def test_it_shows_what_calls_are_told_and_no_other_text(erin: Client) -> None:
    vera = make_agent("Vera", time_zone="Europe/Lisbon")
    live = vera.prompt.published
    assert live is not None
    customer = maria()
    CustomerFact.objects.create(customer=customer, text="Had a check-up in March.")
    page = erin.get(url(live), {"customer": customer.pk})
    spec = published_snapshot().agents[vera.pk]
    told = system_prompt(spec, record_of(customer), StoppedClock.now(), greeted=True, closed=False)
    assert page.context["told"] == told
    assert "Prefers mornings." in told and "Had a check-up in March." in told
    assert page.context["tokens"] == about_tokens(told)


def test_it_shows_a_draft_with_its_variables_filled_in(erin: Client) -> None:
    vera = make_agent("Vera", business_name="Birch & Co", transfer_number="+351200000009")
    draft = draft_for(
        vera, "{business_name}, {agent_name}, {today}, {customer_name}, {transfer_number}"
    )
    told = erin.get(url(draft)).context["told"]
    assert told.startswith("Birch & Co, Vera, Monday, 09 March 2026, the caller, +351200000009\n\n")
    known = erin.get(url(draft), {"customer": maria().pk}).context["told"]
    assert known.startswith("Birch & Co, Vera, Monday, 09 March 2026, Maria Silva,")


def test_out_of_hours_is_shown_when_it_is(erin: Client) -> None:
    vera = make_agent("Vera")
    vera.hours.create(weekday=1, opens=time(9), closes=time(17))
    told = erin.get(url(draft_for(vera, "Be kind."))).context["told"]
    assert "outside the business hours" in told


def test_the_agent_that_uses_the_prompt_is_shown_until_another_is_chosen(erin: Client) -> None:
    vera, otto = make_agent("Vera"), make_agent("Otto")
    draft = draft_for(vera, "I am {agent_name}.")
    assert "I am Vera." in erin.get(url(draft)).content.decode()
    assert "I am Otto." in erin.get(url(draft), {"agent": otto.pk}).content.decode()
    unused = make_version(make_prompt("Unused"), "I am {agent_name}.")
    assert "I am " in erin.get(url(unused)).content.decode()


def test_hostile_data_of_a_customer_stays_text(erin: Client) -> None:
    customer = maria(name=f"Maria {SCRIPT}", notes=SCRIPT)
    CustomerFact.objects.create(customer=customer, text=SCRIPT)
    draft = draft_for(make_agent("Vera"), f"{{customer_name}} {SCRIPT}")
    page = erin.get(url(draft), {"customer": customer.pk})
    assert "<script>alert" not in page.content.decode()
    data = page.context["told"].split("<customer>")[-1]
    assert data.count("</customer>") == 1 and data.endswith("</customer>")


def test_without_the_right_to_see_customers_none_is_offered_or_shown() -> None:
    client = browser("view_prompt")
    customer = maria()
    page = client.get(url(draft_for(make_agent("Vera"), "Hi.")), {"customer": customer.pk})
    assert page.status_code == 200
    assert "Maria" not in page.content.decode() and "Prefers mornings" not in page.context["told"]
    assert 'name="customer"' not in page.content.decode()


def test_without_the_right_to_see_prompts_there_is_no_preview() -> None:
    version = draft_for(make_agent("Vera"), "Hi.")
    assert browser("view_customer", "view_call").get(url(version)).status_code == 403
    assert Client().get(url(version))["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("nonsense", ["", "0", "-1", "x", "9" * 5_000, "\0", SCRIPT])
def test_choices_that_there_are_not_are_ignored(erin: Client, nonsense: str) -> None:
    version = draft_for(make_agent("Vera"), "I am {agent_name}.")
    page = erin.get(url(version), {"agent": nonsense, "customer": nonsense})
    assert "I am Vera." in page.content.decode()
    assert page.context["customer"] is None


def test_a_version_that_there_is_not_is_not_found(erin: Client) -> None:
    assert erin.get("/admin/calls/call/prompt-preview/999999").status_code == 404
    assert erin.get(f"/admin/calls/call/prompt-preview/{'9' * 30}").status_code == 404


def test_it_says_why_there_is_nothing_to_show(erin: Client) -> None:
    version = make_version(make_prompt(), "Hi.")
    Agent.objects.update(greeting_clip=make_clip("Welcome"))
    Agent.objects.get().greeting_clip.recordings.update(mulaw=b"")  # type: ignore[union-attr]
    assert "has no recording." in erin.get(url(version)).content.decode()
    Agent.objects.update(enabled=False)
    assert "There is no agent to tell it to." in erin.get(url(version)).content.decode()
