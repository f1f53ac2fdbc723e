"""catalog/checks.py: what would leave a caller without an answer is said before one calls."""

import sys
from datetime import time

import pytest
from django.core.checks import CheckMessage, Tags, run_checks
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from catalog import checks
from catalog.models import Agent, Clip, PhoneNumber, Prompt, Tool
from catalog.publishing import publish
from tests.catalog.factories import make_agent, make_clip, make_prompt

pytestmark = pytest.mark.django_db


NUMBER = "+351200000011"


def messages() -> list[CheckMessage]:
    """After everything that the test did is published."""
    publish("A test")
    messages = run_checks(tags=[Tags.database], databases=["default"])
    assert all(message.hint for message in messages)
    return messages


def found() -> list[str | None]:
    return [message.id for message in messages()]


def said() -> str:
    (message,) = messages()
    return str(message.msg)


@pytest.fixture
def reception() -> Agent:
    """The default agent of a business that has made it its own."""
    agent = Agent.objects.get(is_default=True)
    agent.prompt, agent.greeting_clip = make_prompt("Ours"), make_clip("Ours")
    agent.save()
    PhoneNumber.objects.create(number=NUMBER, agent=agent)
    return agent


def test_a_fresh_installation_is_reminded_of_what_is_only_an_example() -> None:
    assert found() == ["catalog.W004", "catalog.W005", "catalog.W006"]


def test_a_business_that_has_made_it_its_own_is_fine(reception: Agent) -> None:
    assert found() == []


def test_it_misses_the_default_agent(reception: Agent) -> None:
    Agent.objects.update(is_default=False)
    assert found() == ["catalog.E001"]


def test_it_misses_the_greeting_of_the_default_agent(reception: Agent) -> None:
    Agent.objects.update(greeting_clip=None, greeting_text=" ")
    assert found() == ["catalog.E001", "catalog.W002"]


def test_it_warns_of_an_agent_without_a_clip(reception: Agent) -> None:
    make_agent("Vera")
    assert found() == ["catalog.W002"]


def test_it_has_nothing_to_say_of_an_agent_with_a_clip(reception: Agent) -> None:
    make_agent("Vera", greeting_clip=make_clip())
    assert found() == []


def test_it_lets_a_disabled_agent_be(reception: Agent) -> None:
    make_agent("Vera", enabled=False, prompt=Prompt.objects.create(name="Draft"))
    assert found() == []


def test_it_misses_a_phone_number_of_an_agent_that_is_on(reception: Agent) -> None:
    off = make_agent("Vera", enabled=False)
    PhoneNumber.objects.update(agent=off)
    assert found() == ["catalog.W004"]


@pytest.mark.parametrize(
    "field", ["greeting_clip", "one_moment_clip", "apology_clip", "out_of_hours_clip"]
)
def test_it_names_a_clip_of_which_nothing_is_published(reception: Agent, field: str) -> None:
    setattr(reception, field, Clip.objects.create(name="Summer"))
    reception.save()
    unpublished, revision = messages()
    assert (unpublished.id, revision.id) == ("catalog.E007", "catalog.E008")
    assert unpublished.msg == "Reception uses “Summer”, of which nothing is published."


def test_it_names_a_prompt_of_which_nothing_is_published(reception: Agent) -> None:
    reception.prompt = Prompt.objects.create(name="Draft")
    reception.save()
    assert found() == ["catalog.E007", "catalog.E008"]


def test_it_says_why_the_newest_revision_cannot_be_used(reception: Agent) -> None:
    Agent.objects.update(time_zone="Mars/Olympus")
    assert "A setting of Reception cannot be used" in said()


@pytest.mark.parametrize("missing", ["clip", "business hours"])
def test_it_warns_of_an_agent_that_is_to_hang_up_and_never_will(
    reception: Agent, missing: str
) -> None:
    reception.out_of_hours, reception.out_of_hours_clip = "hang_up", make_clip("Closed")
    reception.save()
    reception.hours.create(weekday=0, opens=time(9), closes=time(17))
    assert found() == []
    if missing == "clip":
        Agent.objects.update(out_of_hours_clip=None)
    else:
        reception.hours.all().delete()
    assert f"has no {missing}" in said()


def test_it_warns_of_a_row_whose_tool_is_gone(reception: Agent) -> None:
    Tool.objects.create(name="send_fax")
    assert found() == ["catalog.W003"]


def test_it_is_silent_under_migrate(monkeypatch: pytest.MonkeyPatch) -> None:
    Agent.objects.all().delete()
    monkeypatch.setattr(sys, "argv", ["manage.py", "migrate"])
    assert found() == []


def test_it_is_silent_where_there_are_no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    Agent.objects.all().delete()
    monkeypatch.setattr(connection.introspection, "table_names", list)
    assert found() == []


def test_it_is_silent_where_the_database_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable() -> list[str]:
        raise OperationalError("no such column")

    monkeypatch.setattr(checks, "_default_agent", unreadable)
    assert found() == []


def test_a_plain_check_reads_no_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    Agent.objects.all().delete()
    with django_assert_num_queries(0):
        messages = run_checks()
    assert not [message for message in messages if str(message.id).startswith("catalog.")]
