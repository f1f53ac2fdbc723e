"""One row as the part of a snapshot that it becomes, or why it cannot become one."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from catalog import mulaw
from catalog.models import McpServer, PromptVersion, Recording, Tool
from catalog.models import TransferTarget as TransferTargetRow
from catalog.prompt_variables import unknown_variables, unknown_variables_sentence
from catalog.snapshot import (
    ClipAudio,
    McpServerSpec,
    OfferedTool,
    PromptText,
    ToolSetting,
    TransferTarget,
    WordTiming,
)
from catalog.stages import Stage, rank
from catalog.tools.registry import all_tools
from catalog.tools.spec import ToolSpec


class SnapshotInvalid(Exception):
    """Callers cannot be served from this revision; the message is a sentence for staff."""


def clip_audio(name: str, row: Recording | None) -> ClipAudio:
    audio = mulaw.pad_to_frame(bytes(row.mulaw)) if row is not None else b""
    if row is None or not audio:
        raise SnapshotInvalid(_("The clip “%(clip)s” has no recording.") % {"clip": name})
    try:
        words = tuple(
            WordTiming(str(word["word"]), int(word["start_ms"]), int(word["end_ms"]))
            for word in row.words
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SnapshotInvalid(
            _("The word times of the clip “%(clip)s” are damaged.") % {"clip": name}
        ) from error
    return ClipAudio(
        clip_id=row.clip_id,
        name=name,
        version=row.version,
        text=row.text,
        words=words,
        duration_ms=mulaw.duration_ms(audio),
        mulaw=audio,
        payloads=mulaw.payloads(audio),
    )


def prompt_text(name: str, row: PromptVersion | None) -> PromptText:
    if row is None:
        raise SnapshotInvalid(
            _("The prompt “%(prompt)s” has no published version.") % {"prompt": name}
        )
    unknown = unknown_variables(row.text)
    if unknown:
        raise SnapshotInvalid(
            _("The prompt “%(prompt)s” cannot be used.") % {"prompt": name}
            + " "
            + unknown_variables_sentence(unknown)
        )
    return PromptText(row.pk, name, row.version, row.text)


def offered_tools(
    rows: Iterable[Tool], made_by_staff: Iterable[ToolSpec] = ()
) -> tuple[OfferedTool, ...]:
    """A tool that has no row yet is offered as its author meant it."""
    by_name = {row.name: row for row in rows}
    offered = []
    for spec in (*all_tools(), *made_by_staff):
        row = by_name.get(spec.name)
        if row is None:
            offered.append(OfferedTool(spec, spec.default_stage))
        elif row.enabled and row.stage in Stage.values:
            offered.append(OfferedTool(spec, Stage(row.stage)))
    return tuple(sorted(offered, key=lambda tool: (rank(tool.stage), tool.spec.name)))


def tool_settings(rows: Iterable[Tool]) -> Mapping[str, ToolSetting]:
    return {
        row.name: ToolSetting(Stage(row.stage), row.enabled)
        for row in rows
        if row.stage in Stage.values
    }


def mcp_server_specs(rows: Iterable[McpServer]) -> tuple[McpServerSpec, ...]:
    return tuple(
        McpServerSpec(row.name, row.url, row.headers, Stage(row.stage))
        for row in sorted(rows, key=lambda row: row.name)
        if row.enabled and row.stage in Stage.values
    )


def transfer_targets(
    usual_number: str, others: Iterable[TransferTargetRow]
) -> tuple[TransferTarget, ...]:
    """The usual number has no name: it is who callers mean that name nobody."""
    usual = (TransferTarget("", usual_number),) if usual_number else ()
    return (*usual, *(TransferTarget(row.name, row.number) for row in others))
