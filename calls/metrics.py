"""The figures on /metrics. Durations are in milliseconds. docs/operations.md explains each."""

from pathlib import Path
from typing import Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from calls.metric_files import FolderBusy, MetricFiles
from calls.models import EndedBy

FAST_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
SLOW_MS = (50, 100, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000)
PROVIDERS = ("stt", "llm", "tts", "pipeline", "twilio", "directory", "shared store")


def _shared_files() -> MetricFiles | None:
    if not settings.PROMETHEUS_MULTIPROC_DIR:
        return None
    try:
        return MetricFiles(Path(settings.PROMETHEUS_MULTIPROC_DIR))
    except (OSError, FolderBusy) as error:
        raise ImproperlyConfigured(
            f"PROMETHEUS_MULTIPROC_DIR={settings.PROMETHEUS_MULTIPROC_DIR!r}: use a folder that "
            f"this process may write to ({error})."
        ) from error


# First: it decides where the values of the metrics below are kept.
_files = _shared_files()
registry = CollectorRegistry()


def _histogram(name: str, help_text: str, buckets: tuple[int, ...]) -> Histogram:
    return Histogram(name, help_text, buckets=buckets, registry=registry)


def _gauge(name: str, help_text: str, of_all: Literal["livesum", "livemax", "livemin"]) -> Gauge:
    """`of_all` says what several processes are together; those that are gone do not count."""
    return Gauge(name, help_text, registry=registry, multiprocess_mode=of_all)


# How fast ------------------------------------------------------------------------
greeting_start_latency_ms = _histogram(
    "greeting_start_latency_ms", "From the stream's start to the first greeting audio.", FAST_MS
)
pipeline_creation_time_ms = _histogram(
    "pipeline_creation_time_ms", "From the stream's start to the agent being ready.", FAST_MS
)
context_prefetch_time_ms = _histogram(
    "context_prefetch_time_ms", "How long the customer look-up took.", FAST_MS
)
context_injection_time_ms = _histogram(
    "context_injection_time_ms", "From the stream's start to the customer in the prompt.", FAST_MS
)
first_llm_response_time_ms = _histogram(
    "first_llm_response_time_ms", "From the stream's start to the model's first token.", SLOW_MS
)
webhook_ms = _histogram("webhook_ms", "From the webhook's arrival to its answer.", FAST_MS)
reply_latency_ms = _histogram(
    "reply_latency_ms", "From the end of the caller's speech to the reply's first audio.", SLOW_MS
)
tool_run_ms = Histogram(
    "tool_run_ms",
    "How long a tool ran.",
    labelnames=("tool", "outcome"),
    buckets=SLOW_MS,
    registry=registry,
)
loop_lag_ms = _histogram(
    "loop_lag_ms", "How late the event loop did what was due, ten times a second.", FAST_MS
)
loop_lag_worst_ms = _gauge(
    "loop_lag_worst_ms", "The worst lag of the event loop in the last 10 seconds.", "livemax"
)

# How many ------------------------------------------------------------------------
live_calls = _gauge("live_calls", "Calls in progress.", "livesum")
calls_started = Counter("calls_started", "Calls whose stream has started.", registry=registry)
calls_ended = Counter("calls_ended", "Calls ended, by who ended them.", ("by",), registry=registry)
provider_errors = Counter(
    "provider_errors",
    "Errors of STT, LLM, TTS, Twilio's REST API and the customer directory.",
    ("provider",),
    registry=registry,
)
provider_stumbles = Counter(
    "provider_stumbles",
    "Attempts of STT, LLM and TTS that failed and were made again, or elsewhere.",
    ("provider",),
    registry=registry,
)
calls_lost = Counter(
    "calls_lost", "Calls whose server was gone before they ended.", registry=registry
)
lines_lost = Counter(
    "lines_lost", "Streams that broke while their call was not over.", registry=registry
)
lines_resumed = Counter(
    "lines_resumed", "Calls that were connected anew after their stream broke.", registry=registry
)
recordings_failed = Counter("recordings_failed", "Calls whose recording failed.", registry=registry)
malformed_messages = Counter(
    "malformed_messages", "Messages on media streams that Twilio does not send.", registry=registry
)
stream_gaps = Counter(
    "stream_gaps", "Where messages of media streams are missing, by number.", registry=registry
)
late_audio = Counter(
    "late_audio", "Pieces of the caller's audio that came twice or too late.", registry=registry
)
turns_told_by_silence = Counter(
    "turns_told_by_silence",
    "Turns whose end the model was not asked about, as too many waited for it.",
    registry=registry,
)
unheard_audio = Counter(
    "unheard_audio", "Pieces of the caller's audio dropped, as nobody listened.", registry=registry
)
refusals = Counter(
    "refusals", "Requests and media streams refused, and why.", ("why",), registry=registry
)

# In what state -------------------------------------------------------------------
journal_lines_waiting = _gauge(
    "journal_lines_waiting", "Lines of call records that are not in the database yet.", "livesum"
)
warm = _gauge("warm", "1 once the warm-up is done: of every process, if several.", "livemin")

# A counter that first appears with 1 has, to Prometheus, not increased.
for _by in EndedBy.values:
    calls_ended.labels(by=_by)
for _provider in PROVIDERS:
    provider_errors.labels(provider=_provider)
for _provider in ("stt", "llm", "tts"):
    provider_stumbles.labels(provider=_provider)
if _files is not None and not settings.SERVES_CALLS:
    warm.set(1)  # Nothing to warm up here: the least of all is about those that answer calls.


def exposition() -> bytes:
    """All figures in the Prometheus text format, in 6 to 15 ms: call it in a thread.

    Raises calls.metric_files.FolderBusy.
    """
    return generate_latest(registry) if _files is None else _files.exposition()
