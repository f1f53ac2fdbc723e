"""Reads the database into one snapshot."""

import logging
from collections.abc import Iterable
from types import MappingProxyType

from catalog import models, mulaw
from catalog.greeting_policy import GreetingPolicy
from catalog.snapshot import (
    AgentSpec,
    CatalogSnapshot,
    ClipAudio,
    OfferedTool,
    PromptText,
    WordTiming,
)
from catalog.stages import Stage, rank
from catalog.tools.registry import all_tools

logger = logging.getLogger(__name__)


def newest_revision() -> int:
    newest = models.CatalogRevision.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def load_snapshot() -> CatalogSnapshot:
    """Reads the database: three queries and the revision, which comes first.

    An edit committed in between leaves this snapshot with the older revision, so the next check
    loads again.
    """
    revision = newest_revision()
    rows = models.Agent.objects.filter(enabled=True).select_related(
        "prompt", "greeting_clip", "apology_clip"
    )
    clips: dict[int, ClipAudio | None] = {}
    agents = {row.pk: (row, _agent(row, clips)) for row in rows}
    numbers = models.PhoneNumber.objects.filter(agent__in=agents).values_list("number", "agent_id")
    return CatalogSnapshot(
        revision=revision,
        agents=MappingProxyType({pk: spec for pk, (_, spec) in agents.items()}),
        numbers=MappingProxyType(dict(numbers)),
        default_agent_id=next((pk for pk, (row, _) in agents.items() if row.is_default), None),
        tools=_offered_tools(models.Tool.objects.all()),
    )


def _agent(row: models.Agent, clips: dict[int, ClipAudio | None]) -> AgentSpec:
    return AgentSpec(
        agent_id=row.pk,
        name=row.name,
        business_name=row.business_name,
        language=row.language,
        voice_id=row.voice_id,
        prompt=PromptText(row.prompt.pk, row.prompt.name, row.prompt.version, row.prompt.text),
        greeting_text=row.greeting_text,
        greeting_clip=_clip(row.greeting_clip, clips),
        apology_clip=_clip(row.apology_clip, clips),
        greeting_policy=GreetingPolicy(row.greeting_policy),
        tools_at_start=Stage(row.tools_at_start),
        tools_later=Stage(row.tools_later),
        time_zone=row.time_zone,
        transfer_number=row.transfer_number,
        max_call_seconds=row.max_call_seconds,
    )


def _clip(row: models.Clip | None, clips: dict[int, ClipAudio | None]) -> ClipAudio | None:
    """Agents that share a clip share its bytes, and one line in the log when it has none."""
    if row is None:
        return None
    if row.pk not in clips:
        clips[row.pk] = _clip_audio(row)
    return clips[row.pk]


def _clip_audio(row: models.Clip) -> ClipAudio | None:
    audio = mulaw.pad_to_frame(bytes(row.mulaw or b""))
    if not audio:
        logger.error("Clip %r has no audio: its text will be spoken instead.", row.name)
        return None
    return ClipAudio(
        clip_id=row.pk,
        name=row.name,
        text=row.text,
        words=tuple(
            WordTiming(str(word["word"]), int(word["start_ms"]), int(word["end_ms"]))
            for word in row.words
        ),
        duration_ms=mulaw.duration_ms(audio),
        mulaw=audio,
        payloads=mulaw.payloads(audio),
    )


def _offered_tools(rows: Iterable[models.Tool]) -> tuple[OfferedTool, ...]:
    """A registered tool that has no row yet is offered as its author meant it."""
    by_name = {row.name: row for row in rows}
    offered = []
    for spec in all_tools():
        row = by_name.get(spec.name)
        if row is None:
            offered.append(OfferedTool(spec, spec.default_stage))
        elif row.enabled:
            offered.append(OfferedTool(spec, Stage(row.stage)))
    return tuple(sorted(offered, key=lambda tool: (rank(tool.stage), tool.spec.name)))
