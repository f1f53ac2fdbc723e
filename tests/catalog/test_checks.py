"""catalog/checks.py: what would leave a caller without an answer is said before one calls."""

import sys

import pytest
from django.core.checks import Tags, run_checks
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from catalog import checks
from catalog.models import Agent, Tool
from tests.catalog.factories import make_agent, make_clip

pytestmark = pytest.mark.django_db


def found() -> list[str | None]:
    messages = run_checks(tags=[Tags.database], databases=["default"])
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_a_fresh_installation_is_fine() -> None:
    assert found() == []


def test_it_misses_the_default_agent() -> None:
    Agent.objects.update(is_default=False)
    assert found() == ["catalog.E001"]


def test_it_misses_the_greeting_of_the_default_agent() -> None:
    Agent.objects.update(greeting_clip=None, greeting_text=" ")
    assert found() == ["catalog.E001", "catalog.W002"]


def test_it_warns_of_an_agent_without_a_clip() -> None:
    make_agent("Vera")
    assert found() == ["catalog.W002"]


def test_it_has_nothing_to_say_of_an_agent_with_a_clip() -> None:
    make_agent("Vera", greeting_clip=make_clip())
    assert found() == []


def test_it_lets_a_disabled_agent_be() -> None:
    make_agent("Vera", enabled=False)
    assert found() == []


def test_it_warns_of_a_row_whose_tool_is_gone() -> None:
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
