"""catalog/prompt_versions.py: people who save at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from catalog.models import Prompt
from catalog.prompt_versions import next_version
from tests.catalog.factories import make_agent, make_prompt


@pytest.mark.django_db(transaction=True)
def test_everybody_who_saves_at_once_gets_a_version() -> None:
    """On PostgreSQL, five of eight once met the number another had taken."""
    first = make_prompt("Sales")
    agent = make_agent("Vera", prompt=first)

    def save(number: int) -> int:
        try:
            return next_version(first, f"Text {number}", "").version
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as people:
        versions = list(people.map(save, range(8)))
    assert sorted(versions) == list(range(2, 10))
    agent.refresh_from_db()
    assert agent.prompt.version == 2
    assert Prompt.objects.filter(name="Sales").count() == 9
