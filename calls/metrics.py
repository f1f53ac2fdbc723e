"""The figures on /metrics. Durations are in milliseconds."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

registry = CollectorRegistry()

FAST_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
SLOW_MS = (50, 100, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000)


def _histogram(name: str, help_text: str, buckets: tuple[int, ...]) -> Histogram:
    return Histogram(name, help_text, buckets=buckets, registry=registry)


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
live_calls = Gauge("live_calls", "Calls in progress in this process.", registry=registry)
calls_ended = Counter("calls_ended", "Calls ended, by who ended them.", ("by",), registry=registry)
provider_errors = Counter(
    "provider_errors",
    "Errors of STT, LLM, TTS, Twilio's REST API and the customer directory.",
    ("provider",),
    registry=registry,
)
malformed_messages = Counter(
    "malformed_messages", "Messages on media streams that Twilio does not send.", registry=registry
)
warm = Gauge("warm", "1 once the warm-up is done.", registry=registry)


def exposition() -> bytes:
    """All figures in the Prometheus text format."""
    return generate_latest(registry)
