"""Makes a snapshot of a revision: its document, and the sound and texts that it names."""

from collections import defaultdict
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from catalog.document import CatalogDocument, DocumentUnreadable, parse
from catalog.greeting_policy import GreetingPolicy
from catalog.models import Agent, CatalogRevision, PromptVersion, Recording, TransferTarget
from catalog.out_of_hours import OutOfHours
from catalog.snapshot import AgentSpec, CatalogSnapshot, ClipAudio, OpenInterval
from catalog.snapshot_parts import (
    SnapshotInvalid,
    clip_audio,
    mcp_server_specs,
    offered_tools,
    prompt_text,
    tool_settings,
    transfer_targets,
)
from catalog.stages import Stage
from catalog.surveys import SurveyBy
from catalog.tools.http import http_tool_specs

__all__ = [
    "SnapshotInvalid",
    "build_snapshot",
    "clip_ids",
    "load_snapshot",
    "newest_revision",
    "revisions_before",
]


def newest_revision() -> int:
    newest = CatalogRevision.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def revisions_before(revision: int, most: int) -> list[int]:
    """The newest first."""
    older = CatalogRevision.objects.filter(pk__lt=revision).order_by("-pk")
    return list(older.values_list("pk", flat=True)[:most])


def load_snapshot(revision: int) -> CatalogSnapshot:
    """Reads the database: the revision, its recordings, its prompt versions.

    Raises SnapshotInvalid if anything that a call would need of it is gone or damaged.
    """
    row = CatalogRevision.objects.filter(pk=revision).first()
    if row is None:
        raise SnapshotInvalid(_("Nothing is published yet: run manage.py migrate."))
    try:
        return build_snapshot(revision, parse(row.document))
    except DocumentUnreadable as error:
        raise SnapshotInvalid(str(error)) from error


def build_snapshot(revision: int, document: CatalogDocument) -> CatalogSnapshot:
    """Raises SnapshotInvalid."""
    build = _Build(document)
    agents = {row.pk: build.agent(row) for row in document.agents if row.enabled}
    return CatalogSnapshot(
        revision=revision,
        agents=MappingProxyType(agents),
        numbers=MappingProxyType(
            {row.number: row.agent_id for row in document.numbers if row.agent_id in agents}
        ),
        default_agent_id=next(
            (row.pk for row in document.agents if row.is_default and row.enabled), None
        ),
        tools=offered_tools(
            document.tools, http_tool_specs(document.http_tools, document.http_tool_parameters)
        ),
        tool_settings=tool_settings(document.tools),
        mcp_servers=mcp_server_specs(document.mcp_servers),
    )


class _Build:
    """One build. Agents that share a clip share its bytes."""

    def __init__(self, document: CatalogDocument) -> None:
        agents = [row for row in document.agents if row.enabled]
        clips = {row.pk: row for row in document.clips}
        used = {pk for row in agents for pk in clip_ids(row)}
        published = {pk: clips[pk].published_id for pk in used if pk in clips}
        recordings = Recording.objects.in_bulk([pk for pk in published.values() if pk])
        self._clips = {
            pk: clip_audio(clips[pk].name, recordings.get(published[pk] or 0)) for pk in published
        }
        prompts = {row.pk: row for row in document.prompts}
        versions = PromptVersion.objects.in_bulk(
            [row.published_id for row in prompts.values() if row.published_id]
        )
        self._prompts = {
            row.pk: prompt_text(row.name, versions.get(row.published_id or 0))
            for row in prompts.values()
            if row.pk in {agent.prompt_id for agent in agents}
        }
        self._hours: dict[int, list[OpenInterval]] = defaultdict(list)
        for hours in document.hours:
            self._hours[hours.agent_id].append(hours.interval)
        self._targets: dict[int, list[TransferTarget]] = defaultdict(list)
        for target in document.transfer_targets:
            self._targets[target.agent_id].append(target)

    def agent(self, row: Agent) -> AgentSpec:
        if row.prompt_id not in self._prompts:
            raise SnapshotInvalid(
                _("The prompt of %(agent)s has no published version.") % {"agent": row.name}
            )
        choices = _choices(row)
        return AgentSpec(
            agent_id=row.pk,
            name=row.name,
            business_name=row.business_name,
            language=row.language,
            voice_id=row.voice_id,
            prompt=self._prompts[row.prompt_id],
            greeting_text=row.greeting_text,
            greeting_clip=self._clip(row, row.greeting_clip_id),
            one_moment_clip=self._clip(row, row.one_moment_clip_id),
            apology_clip=self._clip(row, row.apology_clip_id),
            out_of_hours_clip=self._clip(row, row.out_of_hours_clip_id),
            out_of_hours=choices.out_of_hours,
            hours=tuple(self._hours[row.pk]),
            greeting_policy=choices.greeting_policy,
            tools_at_start=choices.tools_at_start,
            tools_later=choices.tools_later,
            time_zone=row.time_zone,
            transfer_number=row.transfer_number,
            transfer_targets=transfer_targets(row.transfer_number, self._targets[row.pk]),
            calendar=row.calendar,
            appointment_minutes=row.appointment_minutes,
            max_call_seconds=row.max_call_seconds,
            most_calls=row.most_calls,
            record_calls=row.record_calls,
            consent_clip=self._clip(row, row.consent_clip_id),
            busy_clip=self._clip(row, row.busy_clip_id),
            offer_call_back=row.offer_call_back,
            silence_seconds=row.silence_seconds,
            most_cost=float(row.most_cost) if row.most_cost is not None else None,
            survey=choices.survey,
            survey_question=row.survey_question,
        )

    def _clip(self, row: Agent, clip_id: int | None) -> ClipAudio | None:
        if clip_id is None:
            return None
        if clip_id not in self._clips:
            raise SnapshotInvalid(
                _("A clip of %(agent)s has no published recording.") % {"agent": row.name}
            )
        return self._clips[clip_id]


@dataclass(frozen=True, slots=True)
class _Choices:
    greeting_policy: GreetingPolicy
    out_of_hours: OutOfHours
    tools_at_start: Stage
    tools_later: Stage
    survey: SurveyBy


def _choices(row: Agent) -> _Choices:
    try:
        ZoneInfo(row.time_zone)  # Read from disk now, and from memory when a call comes.
        return _Choices(
            GreetingPolicy(row.greeting_policy),
            OutOfHours(row.out_of_hours),
            Stage(row.tools_at_start),
            Stage(row.tools_later),
            SurveyBy(row.survey),
        )
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:  # OSError: a continent
        raise SnapshotInvalid(
            _("A setting of %(agent)s cannot be used: %(why)s") % {"agent": row.name, "why": error}
        ) from error


def clip_ids(row: Agent) -> set[int]:
    """The clips it plays, without following any foreign key."""
    named = (
        row.greeting_clip_id,
        row.one_moment_clip_id,
        row.apology_clip_id,
        row.out_of_hours_clip_id,
        row.consent_clip_id,
        row.busy_clip_id,
    )
    return {pk for pk in named if pk is not None}
