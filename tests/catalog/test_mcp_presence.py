"""catalog/mcp_presence.py: how a process gets on with the servers, as the database knows it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.mcp_presence import WRITE_AGAIN_SECONDS, McpPresence
from catalog.models import McpConnection
from catalog.presence import Presence
from catalog.tools.mcp_seen import SeenTool, ServerState
from tests.calls.fake_clock import FakeClock

pytestmark = pytest.mark.django_db

SINCE = datetime(2026, 3, 9, 12, tzinfo=UTC)
SEARCH = SeenTool("crm_search", "Search.", {"type": "object", "properties": {}}, False)
UP = ServerState("crm", True, "", (SEARCH,), SINCE)
DOWN = ServerState("crm", False, "It did not answer in time.", (SEARCH,), SINCE)


class Process:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.presence, self.servers = Presence(), McpPresence(self.clock)
        self.presence.show(1, "")

    def show(self, *states: ServerState) -> None:
        self.servers.show(self.presence.process_id, {state.name: state for state in states})


@pytest.fixture
def process() -> Process:
    return Process()


def test_each_change_is_written_once(process: Process) -> None:
    process.show(UP)
    row = McpConnection.objects.get()
    assert (row.server_name, row.connected, row.since) == ("crm", True, SINCE)
    assert row.tools == [SEARCH.as_json()]
    with CaptureQueriesContext(connection) as queries:
        process.show(UP)
    assert not queries.captured_queries
    process.show(DOWN)
    row.refresh_from_db()
    assert (row.connected, row.problem) == (False, DOWN.problem)


def test_a_server_that_is_followed_no_more_has_no_row(process: Process) -> None:
    process.show(UP)
    process.show()
    assert not McpConnection.objects.exists()


def test_what_others_deleted_is_written_again_after_a_minute(process: Process) -> None:
    process.show(UP)
    McpConnection.objects.all().delete()
    process.clock.advance(WRITE_AGAIN_SECONDS + 1.0)
    process.show(UP)
    assert McpConnection.objects.count() == 1


def test_what_could_not_be_written_is_written_the_next_time(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as down:
        down.setattr(McpConnection.objects, "update_or_create", gone)
        with pytest.raises(OperationalError):
            process.show(UP)
    process.show(UP)
    assert McpConnection.objects.get().connected


def test_a_process_that_was_taken_for_dead_waits_until_it_is_known_again(
    process: Process,
) -> None:
    process.presence.leave()
    with pytest.raises(IntegrityError), transaction.atomic():
        process.show(UP)
        connection.check_constraints()
    process.presence.show(2, "")
    process.show(UP)


def test_its_rows_leave_with_the_process(process: Process) -> None:
    process.show(UP)
    process.presence.leave()
    assert not McpConnection.objects.exists()
