"""One row as the part of a snapshot that it becomes, or why it cannot become one."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from catalog import mulaw
from catalog.models import PromptVersion, Recording, Tool
from catalog.prompt_variables import unknown_variables, unknown_variables_sentence
from catalog.snapshot import ClipAudio, OfferedTool, PromptText, WordTiming
from catalog.stages import Stage, rank
from catalog.tools.registry import all_tools


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


def offered_tools(rows: Iterable[Tool]) -> tuple[OfferedTool, ...]:
    """A registered tool that has no row yet is offered as its author meant it."""
    by_name = {row.name: row for row in rows}
    offered = []
    for spec in all_tools():
        row = by_name.get(spec.name)
        if row is None:
            offered.append(OfferedTool(spec, spec.default_stage))
        elif row.enabled and row.stage in Stage.values:
            offered.append(OfferedTool(spec, Stage(row.stage)))
    return tuple(sorted(offered, key=lambda tool: (rank(tool.stage), tool.spec.name)))
