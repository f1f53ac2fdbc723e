"""What every test may rely on: the rows that the migrations made."""

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps


@pytest.fixture(scope="module", autouse=True)
def rows_of_the_migrations_stay(
    request: pytest.FixtureRequest, django_db_blocker: Any
) -> Iterator[None]:
    """A transactional test empties every table when it ends; the next module must not notice."""
    yield
    module = request.node
    if any(_empties_tables(item) for item in request.session.items if item.parent is module):
        with django_db_blocker.unblock():
            importlib.import_module("catalog.migrations.0002_default_rows").create_rows(apps, None)


def _empties_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    asked = "transactional_db" in getattr(item, "fixturenames", ())
    return asked or (marker is not None and bool(marker.kwargs.get("transaction")))
