"""What in the catalog would leave a caller without an answer, as Django system checks.

They read the database, so they run where Django runs such checks: `check --database default`.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseError
from django.db import connection

from catalog.models import Agent, Tool
from catalog.tools.registry import lookup


def connect() -> None:
    register(catalog_can_answer, Tags.database)


def catalog_can_answer(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    # `migrate` runs these before it has made the tables they read, or the rows they ask for.
    if not databases or "default" not in databases or sys.argv[1:2] == ["migrate"]:
        return []
    checks: tuple[Callable[[], Iterable[CheckMessage]], ...] = (
        _default_agent,
        _greeting_clips,
        _registered_tools,
    )
    try:
        if Agent._meta.db_table not in connection.introspection.table_names():
            return []
        return [message for check in checks for message in check()]
    except DatabaseError:
        return []  # Not reachable, or behind its migrations: other checks and commands say so.


def _default_agent() -> Iterable[CheckMessage]:
    default = Agent.objects.filter(is_default=True, enabled=True).first()
    if default is None:
        yield Error(
            "No agent answers the numbers that have no agent of their own.",
            hint="In the admin, tick “answers every other number” for one agent.",
            id="catalog.E001",
        )
    elif default.greeting_clip is None and not default.greeting_text.strip():
        yield Error(
            f"The default agent, {default.name}, has no greeting.",
            hint="In the admin, give it a greeting clip or at least a greeting text.",
            id="catalog.E001",
        )


def _greeting_clips() -> Iterable[CheckMessage]:
    for agent in Agent.objects.filter(enabled=True).select_related("greeting_clip"):
        if agent.greeting_clip is None:
            yield Warning(
                f"The agent {agent.name} has no greeting clip: its greeting text is spoken, later.",
                hint="In the admin, upload a clip and choose it as the agent's greeting.",
                id="catalog.W002",
            )


def _registered_tools() -> Iterable[CheckMessage]:
    for name in Tool.objects.values_list("name", flat=True):
        if lookup(name) is None:
            yield Warning(
                f"The tool {name} is in the catalog and no longer in the code.",
                hint="Delete its row in the admin, or bring the tool back.",
                id="catalog.W003",
            )
