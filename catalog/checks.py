"""What in the catalog would leave a caller without an answer, as Django system checks.

They read the database, so they run where Django runs such checks: `check --database default`.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseError
from django.db import connection
from django.utils.translation import gettext as _

from catalog import tool_checks
from catalog.known_tools import known_tools, server_of
from catalog.models import Agent, CatalogRevision, PhoneNumber, Tool
from catalog.out_of_hours import OutOfHours
from catalog.readiness import default_agent
from catalog.shipped import is_shipped_prompt, is_shipped_sound
from catalog.snapshot_loading import SnapshotInvalid, load_snapshot, newest_revision


def connect() -> None:
    register(catalog_can_answer, Tags.database)
    register(tool_checks.custom_tools)


def catalog_can_answer(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    # `migrate` runs these before it has made the tables they read, or the rows they ask for.
    if not databases or "default" not in databases or sys.argv[1:2] == ["migrate"]:
        return []
    checks: tuple[Callable[[], Iterable[CheckMessage]], ...] = (
        _default_agent,
        _unpublished,
        _newest_revision,
        _phone_numbers,
        _shipped_words,
        _greeting_clips,
        _out_of_hours,
        _registered_tools,
        tool_checks.http_tools,
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
            _("No agent answers the numbers that have no agent of their own."),
            hint=_("In the admin, tick “answers every other number” for one agent."),
            id="catalog.E001",
        )
    elif default.greeting_clip is None and not default.greeting_text.strip():
        yield Error(
            _("The default agent, %(agent)s, has no greeting.") % {"agent": default},
            hint=_("In the admin, give it a greeting clip or at least a greeting text."),
            obj=default,
            id="catalog.E001",
        )


def _unpublished() -> Iterable[CheckMessage]:
    clips = ("greeting_clip", "one_moment_clip", "apology_clip", "busy_clip", "out_of_hours_clip")
    for agent in Agent.objects.filter(enabled=True).select_related("prompt", *clips):
        used = [agent.prompt, *(getattr(agent, clip) for clip in clips)]
        for row in used:
            if row is not None and row.published_id is None:
                yield Error(
                    _("%(agent)s uses “%(name)s”, of which nothing is published.")
                    % {"agent": agent, "name": row},
                    hint=_("In the admin, publish a version of it, or choose another one."),
                    obj=row,
                    id="catalog.E007",
                )


def _newest_revision() -> Iterable[CheckMessage]:
    newest = newest_revision()
    try:
        load_snapshot(newest)
    except SnapshotInvalid as error:
        yield Error(
            _("Revision %(number)s cannot be used. %(why)s") % {"number": newest, "why": error},
            hint=_("In the admin, put that right, or roll back to a revision before it."),
            obj=CatalogRevision.objects.filter(pk=newest).first(),
            id="catalog.E008",
        )


def _phone_numbers() -> Iterable[CheckMessage]:
    if not PhoneNumber.objects.filter(agent__enabled=True).exists():
        yield Warning(
            _("No phone number is entered: every call is answered by the default agent."),
            hint=_("In the admin, add the number your callers dial, and choose its agent."),
            id="catalog.W004",
        )


def _shipped_words() -> Iterable[CheckMessage]:
    agent = default_agent()
    if agent is None:
        return
    clip, version = agent.greeting_clip, agent.prompt.published
    if clip is not None and clip.published is not None and is_shipped_sound(clip.published):
        yield Warning(
            _("Callers still hear the example greeting, of a business that does not exist."),
            hint=_("In the admin, add a recording of your own to the clip and publish it."),
            obj=clip,
            id="catalog.W005",
        )
    if version is not None and is_shipped_prompt(version):
        yield Warning(
            _("%(agent)s is still told the example prompt, with example opening hours.")
            % {"agent": agent},
            hint=_("In the admin, write down what it has to know and publish that."),
            obj=agent.prompt,
            id="catalog.W006",
        )


def _greeting_clips() -> Iterable[CheckMessage]:
    for agent in Agent.objects.filter(enabled=True, greeting_clip__isnull=True):
        yield Warning(
            _("The agent %(agent)s has no greeting clip: its greeting text is spoken, later.")
            % {"agent": agent},
            hint=_("In the admin, record a clip and choose it as the agent's greeting."),
            obj=agent,
            id="catalog.W002",
        )


def _out_of_hours() -> Iterable[CheckMessage]:
    hanging_up = Agent.objects.filter(enabled=True, out_of_hours=OutOfHours.HANG_UP)
    for agent in hanging_up.filter(out_of_hours_clip__isnull=True):
        yield Warning(
            _("%(agent)s is to end calls outside business hours, and has no clip to play first.")
            % {"agent": agent},
            hint=_("In the admin, choose its out-of-hours clip. Until then it goes on talking."),
            obj=agent,
            id="catalog.W009",
        )
    for agent in hanging_up.filter(out_of_hours_clip__isnull=False, hours__isnull=True):
        yield Warning(
            _("%(agent)s is to end calls outside business hours, and has no business hours.")
            % {"agent": agent},
            hint=_("In the admin, enter its business hours. Until then it is always open."),
            obj=agent,
            id="catalog.W009",
        )


def _registered_tools() -> Iterable[CheckMessage]:
    known = known_tools()
    for tool in Tool.objects.all():
        if tool.name not in known and server_of(tool.name) is None:
            yield Warning(
                _("The tool %(tool)s is in the catalog and no longer in the code.")
                % {"tool": tool},
                hint=_("Delete its row in the admin, or bring the tool back."),
                obj=tool,
                id="catalog.W003",
            )
