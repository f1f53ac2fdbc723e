"""Whether calls are traced with OpenTelemetry, and where the traces go. Imported at warm-up.

Not pipecat.utils.tracing.setup: it sets the service's name over OTEL_SERVICE_NAME, and its
environment to "development". The spans of a conversation are Pipecat's own.
"""

import atexit
import threading
from typing import TYPE_CHECKING

from django.conf import settings

from calls.call_log import call_log
from catalog.presence import PROCESS_ID

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import SpanExporter

    from calls.pipeline.call_traces import CallTraces

LAST_SPANS_SECONDS = 3.0


def begin(call_sid: str) -> bool:
    """Whether this call is traced. If so, its span is the current one in this task from now on."""
    return _traces is not None and _traces.begin(call_sid)


def _start() -> "CallTraces":
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from calls.pipeline.call_traces import CallTraces
    from calls.pipeline.span_words import WithoutWords

    exporter = _exporter()
    if not settings.TRACES.hold_words:
        exporter = WithoutWords(exporter)
    # Its own way to end waits 30 s for a collector that is gone.
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)

    def send_the_last() -> None:
        sending = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
        sending.start()
        sending.join(LAST_SPANS_SECONDS)

    atexit.register(send_the_last)
    traces = CallTraces(trace.get_tracer("voiceagent", settings.VERSION))
    call_log.listen(traces.heard)
    return traces


def _exporter() -> "SpanExporter":
    if settings.TRACES.exporter == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


def _resource() -> "Resource":
    """OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before what we say."""
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    theirs = Resource.create()
    said = dict(theirs.attributes)
    if str(said.get(SERVICE_NAME, "")).startswith("unknown_service"):
        said[SERVICE_NAME] = "voiceagent"
    ours = Resource({"service.version": settings.VERSION, "voiceagent.process": PROCESS_ID})
    return ours.merge(Resource(said))


_traces = _start() if settings.TRACES.exporter != "none" else None
