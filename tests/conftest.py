"""What every test may rely on: the rows that the migrations made."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from catalog.models import Agent
from tests.migrated_rows import MigratedRows

# Here, so that folders share one rig: two of them in one process would take each other's settings.
pytest_plugins = ["tests.whole_call.fixtures", "tests.servers.fixtures"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A rig goes on serving in its process until the session ends: what needs one comes last.

    With --no-loadscope-reorder, as `make test` has it, each worker keeps to this order, and takes
    whole files: one test with a rig makes its file one of the last.
    """
    with_a_rig = {it.path for it in items if "running_rig" in getattr(it, "fixturenames", ())}
    items.sort(key=lambda item: item.path in with_a_rig)


@pytest.fixture(scope="session")
def migrated_rows(django_db_setup: None, django_db_blocker: Any) -> MigratedRows:
    with django_db_blocker.unblock():
        return MigratedRows()


@pytest.fixture(scope="session", autouse=True)
def nothing_is_written_beside_the_product(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.CALL_LOG_DIR = tmp_path_factory.mktemp("call-log")
    settings.RECORDING_DIR = tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="module", autouse=True)
def rows_of_the_migrations_stay(
    request: pytest.FixtureRequest, django_db_blocker: Any
) -> Iterator[None]:
    """A transactional test empties every table when it ends; the next module must not notice."""
    module = request.node
    items = [item for item in request.session.items if item.parent is module]
    if not any(_empties_tables(item) for item in items):
        yield
        return
    rows: MigratedRows = request.getfixturevalue("migrated_rows")
    yield
    with django_db_blocker.unblock():
        if not Agent.objects.exists():
            rows.bring_back()


def _empties_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    asked = "transactional_db" in getattr(item, "fixturenames", ())
    return asked or (marker is not None and bool(marker.kwargs.get("transaction")))
