"""The span of each call, and what of the call Pipecat does not see: made of what was posted.

The span begins when the pipeline is built, so that Pipecat's become its children. Its other
children are made when the call is over: nothing of them costs a caller a moment.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from opentelemetry import context, trace
from opentelemetry.trace import Span, SpanContext, Status, StatusCode, Tracer
from opentelemetry.util.types import AttributeValue

from calls.happenings import CallOver, CallRang, Happening, Milestone, StreamBegan, ToolRan
from calls.models import EndedBy

MOST_REMEMBERED = 1_000  # calls that have not begun, and may never
NS_PER_MS = 1_000_000
GREETING_OVER = ("greeting heard", "greeting interrupted")
HANDED_OVER = ("transferred", "transfer failed")


@dataclass(slots=True)
class _Story:
    """What was posted of one call. `zero_ns` is its stream's start."""

    zero_ns: int
    webhook_ms: float | None = None
    began: StreamBegan | None = None
    milestones: list[tuple[str, float]] = field(default_factory=list)
    tools: list[ToolRan] = field(default_factory=list)
    span: Span | None = None

    def ns(self, at_ms: float) -> int:
        return self.zero_ns + round(at_ms * NS_PER_MS)

    def first(self, *names: str) -> float | None:
        return next((at_ms for name, at_ms in self.milestones if name in names), None)


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    from_ms: float
    to_ms: float
    about: Mapping[str, AttributeValue] = field(default_factory=dict)


class CallTraces:
    """Of this process. `heard` listens to the call log: in any thread, and returns at once."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._lock = threading.Lock()
        self._before: OrderedDict[str, _Story] = OrderedDict()
        self._going_on: dict[str, _Story] = {}
        self._handing_over: OrderedDict[str, tuple[SpanContext, int]] = OrderedDict()

    def begin(self, call_sid: str) -> bool:
        """Begin the call's span and make it the current one. False for no call, or not sampled."""
        with self._lock:
            story = self._going_on.get(call_sid)
        if story is None:
            return False
        span = self._span_of(call_sid, story)
        context.attach(trace.set_span_in_context(span))
        return span.is_recording()

    def heard(self, happening: Happening) -> None:
        with self._lock:
            match happening:
                case CallRang():
                    self._story(happening.call_sid).webhook_ms = happening.webhook_ms
                case Milestone(call_sid, name, at_ms) if at_ms is not None:
                    self._note(call_sid, name, at_ms)
                case StreamBegan():
                    story = self._story(happening.call_sid)
                    story.began = happening
                    self._going_on[happening.call_sid] = story
                    del self._before[happening.call_sid]
                case ToolRan() if happening.call_sid in self._going_on:
                    self._going_on[happening.call_sid].tools.append(happening)
                case CallOver() if happening.call_sid in self._going_on:
                    self._tell(self._going_on.pop(happening.call_sid), happening)

    def _story(self, call_sid: str) -> _Story:
        story = self._going_on.get(call_sid) or self._before.get(call_sid)
        if story is None:
            story = self._before[call_sid] = _Story(time.time_ns())
            if len(self._before) > MOST_REMEMBERED:
                self._before.popitem(last=False)
        return story

    def _note(self, call_sid: str, name: str, at_ms: float) -> None:
        handed = self._handing_over.pop(call_sid, None) if name in HANDED_OVER else None
        if handed is not None:
            parent, began_ns = handed
            under = trace.set_span_in_context(trace.NonRecordingSpan(parent))
            self._tracer.start_span("hand-over", under, start_time=began_ns).end()
            return
        story = self._story(call_sid)
        story.milestones.append((name, at_ms))
        # Only at some is it noted at the moment it tells of; the first of them sets the clock.
        if name in {"first audio", "agent ready"} and story.span is None:
            story.zero_ns = time.time_ns() - round(at_ms * NS_PER_MS)

    def _span_of(self, call_sid: str, story: _Story) -> Span:
        if story.span is None:
            rang_ms = (story.first("webhook") or 0.0) - (story.webhook_ms or 0.0)
            # Where another process answered the webhook, the clocks of two say when.
            began_ms = min(rang_ms, story.first("upgrade") or 0.0, 0.0)
            attributes: dict[str, AttributeValue] = {"conversation.id": call_sid}
            if story.began is not None and story.began.ran_with is not None:
                attributes["voiceagent.agent"] = story.began.ran_with.agent_name
                attributes["voiceagent.revision"] = story.began.ran_with.revision
            story.span = self._tracer.start_span(
                "call", context.Context(), attributes=attributes, start_time=story.ns(began_ms)
            )
        return story.span

    # The call is over -------------------------------------------------------------

    def _tell(self, story: _Story, over: CallOver) -> None:
        span = self._span_of(over.call_sid, story)
        under = trace.set_span_in_context(span)
        for part in _parts(story, over):
            child = self._tracer.start_span(
                part.name, under, attributes=part.about, start_time=story.ns(part.from_ms)
            )
            child.end(story.ns(max(part.from_ms, part.to_ms)))
        for name, at_ms in story.milestones:
            span.add_event(name, timestamp=story.ns(at_ms))
        span.set_attribute("voiceagent.ended_by", over.ended_by)
        if over.ended_by == EndedBy.ERROR:
            span.set_status(Status(StatusCode.ERROR))
        ends_ns = story.ns(over.duration_ms)
        span.end(ends_ns)
        if over.ended_by == EndedBy.TRANSFER:
            self._handing_over[over.call_sid] = (span.get_span_context(), ends_ns)
            if len(self._handing_over) > MOST_REMEMBERED:
                self._handing_over.popitem(last=False)


def _parts(story: _Story, over: CallOver) -> Iterator[_Part]:
    """What of the call has no span of Pipecat's. The look-up begins when the phone rings."""
    rang_ms, timings = story.first("webhook"), over.timings
    began_ms = rang_ms or 0.0
    if rang_ms is not None:
        yield _Part("connect", rang_ms, 0.0)
        if story.webhook_ms is not None:
            yield _Part("webhook", rang_ms - story.webhook_ms, rang_ms)
    if timings.first_audio_ms is not None:
        over_ms = story.first(*GREETING_OVER) or over.duration_ms
        yield _Part("greeting", timings.first_audio_ms, over_ms)
    if timings.context_prefetch_ms is not None:
        yield _Part("customer look-up", began_ms, began_ms + timings.context_prefetch_ms)
    if timings.agent_ready_ms is not None:
        yield _Part("agent start", 0.0, timings.agent_ready_ms)
    for ran in story.tools:
        about = {"voiceagent.tool": ran.name, "voiceagent.outcome": ran.outcome}
        yield _Part("tool", ran.at_ms, ran.at_ms + ran.ms, about)
