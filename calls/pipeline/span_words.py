"""What of a span leaves this machine: figures and names, and none of the words of a call.

Pipecat writes transcripts, prompts, whole conversations and tool arguments into its spans.
"""

from collections.abc import Mapping, Sequence

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.util.types import AttributeValue

# What is not named here is left out: a new version of Pipecat may write more.
KEPT = frozenset(
    {
        "conversation.id",
        "conversation.type",
        "exception.type",
        "gen_ai.operation.name",
        "gen_ai.output.type",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "gen_ai.request.temperature",
        "is_final",
        "language",
        "stream",
        "stt.incomplete",
        "tool_count",
        "tts.interrupted",
        "vad_enabled",
        "voice_id",
    }
)
KEPT_BEGINNINGS = ("gen_ai.usage.", "metrics.", "turn.", "voiceagent.")


class WithoutWords(SpanExporter):
    """Passes spans on to another exporter. It works in the thread that exports, not in a call."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([without_words(span) for span in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def without_words(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_kept(span.attributes),
        events=[Event(it.name, _kept(it.attributes), it.timestamp) for it in span.events],
        kind=span.kind,
        status=Status(span.status.status_code),  # Its description quotes the exception.
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _kept(attributes: Mapping[str, AttributeValue] | None) -> dict[str, AttributeValue]:
    return {
        name: value
        for name, value in (attributes or {}).items()
        if name in KEPT or name.startswith(KEPT_BEGINNINGS)
    }
