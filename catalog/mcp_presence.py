"""Tells the admin how this process gets on with the remote MCP servers."""

import time
from collections.abc import Callable, Mapping

from catalog.models import McpConnection
from catalog.tools.mcp_seen import ServerState

MOST_PROBLEM_CHARS = 300
WRITE_AGAIN_SECONDS = 60.0


class McpPresence:
    """The rows of this process: written when what they say changes."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._written: dict[str, ServerState] = {}
        self._written_at = 0.0

    def show(self, process_id: str, states: Mapping[str, ServerState]) -> None:
        """Raises django.db.Error when the database does not answer.

        All are written again once a minute: whoever takes this process for dead deletes them.
        """
        gone = set(self._written) - set(states)
        if gone:
            rows = McpConnection.objects.filter(process_id=process_id, server_name__in=gone)
            rows.delete()
            self._written = {name: self._written[name] for name in set(self._written) - gone}
        if self._now() > self._written_at + WRITE_AGAIN_SECONDS:
            self._written, self._written_at = {}, self._now()
        for name, state in states.items():
            if self._written.get(name) != state:
                _write(process_id, state)
                self._written[name] = state


def _write(process_id: str, state: ServerState) -> None:
    McpConnection.objects.update_or_create(
        process_id=process_id,
        server_name=state.name,
        defaults={
            "connected": state.connected,
            "problem": state.problem[:MOST_PROBLEM_CHARS],
            "tools": [tool.as_json() for tool in state.tools],
            "since": state.since,
        },
    )
