"""Spans made of what a call posts, through the real SDK."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from opentelemetry import context, trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from calls.happenings import CallOver, CallRang, Milestone, StreamBegan, ToolRan
from calls.models import EndedBy
from calls.pipeline import call_traces
from calls.pipeline.call_traces import CallTraces
from calls.pipeline.span_words import WithoutWords
from calls.timing import Timings
from tests.calls.samples import CALL_SID, STREAM_SID

AT = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
RANG = CallRang(CALL_SID, "+351200000002", "+351200000001", "Reception", 42, 3.5)
WEBHOOK = Milestone(CALL_SID, "webhook", -400.0)
FIRST_AUDIO = Milestone(CALL_SID, "first audio", 2.0)
HEARD = Milestone(CALL_SID, "greeting heard", 4_002.0, "of Maria")
BEGAN = StreamBegan(CALL_SID, STREAM_SID, AT)
TOOL = ToolRan(CALL_SID, "find", {"phone": "+351200000002"}, "ok", 6_000.0, 250.0)
TIMINGS = Timings(first_audio_ms=2.0, agent_ready_ms=90.0, context_prefetch_ms=120.0)
OVER = CallOver(CALL_SID, EndedBy.CALLER, AT, 9_000.0, TIMINGS)
TRANSFERRED = replace(OVER, ended_by=EndedBy.TRANSFER)


@pytest.fixture
def sent() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(sent: InMemorySpanExporter) -> TracerProvider:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(WithoutWords(sent)))
    return provider


@pytest.fixture
def traces(provider: TracerProvider) -> CallTraces:
    return CallTraces(provider.get_tracer("test"))


@pytest.fixture(autouse=True)
def no_span_stays_the_current_one() -> Iterator[None]:
    token = context.attach(context.Context())
    yield
    context.detach(token)


def of(sent: InMemorySpanExporter, name: str) -> ReadableSpan:
    (span,) = [it for it in sent.get_finished_spans() if it.name == name]
    return span


def from_to_ms(span: ReadableSpan, root: ReadableSpan) -> tuple[float, float]:
    """From the start of the call's span, in milliseconds."""
    assert span.start_time and span.end_time and root.start_time
    return (span.start_time - root.start_time) / 1e6, (span.end_time - root.start_time) / 1e6


def test_a_call_is_told_from_its_webhook_to_its_end(
    traces: CallTraces, sent: InMemorySpanExporter
) -> None:
    for happening in (RANG, FIRST_AUDIO, WEBHOOK, BEGAN, HEARD, TOOL, OVER):
        traces.heard(happening)
    root = of(sent, "call")
    zero_ms = 403.5  # of the stream's start, after the webhook came
    assert root.parent is None and from_to_ms(root, root) == (0.0, zero_ms + 9_000.0)
    for name, from_ms, to_ms in (
        ("webhook", -403.5, -400.0),
        ("connect", -400.0, 0.0),
        ("greeting", 2.0, 4_002.0),
        ("customer look-up", -400.0, -280.0),
        ("agent start", 0.0, 90.0),
        ("tool", 6_000.0, 6_250.0),
    ):
        span = of(sent, name)
        assert span.parent == root.context
        assert from_to_ms(span, root) == (zero_ms + from_ms, zero_ms + to_ms), name
    assert [event.name for event in root.events] == ["first audio", "webhook", "greeting heard"]
    assert dict(of(sent, "tool").attributes or {}) == {
        "voiceagent.tool": "find",
        "voiceagent.outcome": "ok",
    }


def test_what_the_pipeline_begins_is_below_the_call(
    traces: CallTraces, sent: InMemorySpanExporter, provider: TracerProvider
) -> None:
    traces.heard(BEGAN)
    assert traces.begin(CALL_SID)
    with provider.get_tracer("pipecat").start_as_current_span("conversation"):
        traces.heard(OVER)
    conversation, root = of(sent, "conversation"), of(sent, "call")
    assert conversation.parent == root.context


def test_a_pipeline_without_a_call_is_not_traced(traces: CallTraces) -> None:
    assert not traces.begin(CALL_SID)
    assert not trace.get_current_span().get_span_context().is_valid


def test_a_call_that_is_not_sampled_costs_pipecat_nothing() -> None:
    traces = CallTraces(TracerProvider(sampler=ALWAYS_OFF).get_tracer("test"))
    traces.heard(BEGAN)
    assert not traces.begin(CALL_SID)
    traces.heard(OVER)


def test_a_hand_over_is_told_when_it_has_come_to_its_end(
    traces: CallTraces, sent: InMemorySpanExporter
) -> None:
    for happening in (BEGAN, TRANSFERRED, Milestone(CALL_SID, "transferred", 9_800.0, "Dr. Silva")):
        traces.heard(happening)
    assert of(sent, "hand-over").parent == of(sent, "call").context


def test_calls_are_forgotten(traces: CallTraces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_traces, "MOST_REMEMBERED", 5)
    for number in range(20):
        call_sid = f"CA{number:032x}"
        traces.heard(replace(RANG, call_sid=call_sid))
        if number % 2:
            traces.heard(replace(BEGAN, call_sid=call_sid))
            traces.heard(replace(TRANSFERRED, call_sid=call_sid))
            traces.heard(replace(HEARD, call_sid=call_sid))
    assert traces._going_on == {}
    assert len(traces._before) <= 5 and len(traces._handing_over) <= 5


def test_words_do_not_leave(provider: TracerProvider, sent: InMemorySpanExporter) -> None:
    secret = "Maria wants an appointment"
    tracer = provider.get_tracer("pipecat")
    with pytest.raises(ValueError), tracer.start_as_current_span("llm") as span:
        for name in ("input", "output", "text", "transcript", "tools", "settings.prompt", "new"):
            span.set_attribute(name, secret)
        span.set_attribute("gen_ai.system_instructions", secret)
        span.set_attribute("gen_ai.request.model", "gpt-4.1-mini")
        span.set_attribute("gen_ai.usage.input_tokens", 42)
        span.set_attribute("metrics.ttfb", 0.25)
        raise ValueError(secret)
    left = of(sent, "llm")
    assert secret not in left.to_json()
    assert dict(left.attributes or {}) == {
        "gen_ai.request.model": "gpt-4.1-mini",
        "gen_ai.usage.input_tokens": 42,
        "metrics.ttfb": 0.25,
    }
    assert [dict(event.attributes or {}) for event in left.events] == [
        {"exception.type": "ValueError"}
    ]
    assert not left.status.is_ok and left.status.description is None
