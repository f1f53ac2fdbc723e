"""How did one call start up? Its steps, in three stages, each step against its budget.

Each stage counts from its own zero: a reply that took 600 ms would be a hairline on an axis that
begins four seconds before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from calls.budgets import (
    CONNECTED,
    CUSTOMER_KNOWN,
    FIRST_AUDIO,
    READY,
    REPLY,
    WEBHOOK,
    Budget,
)
from calls.models import Call, CallEvent, Utterance


@dataclass(frozen=True, slots=True)
class Step:
    """From when to when, in milliseconds from the zero of its stage."""

    label: str
    from_ms: float
    to_ms: float
    budget_ms: float | None = None  # None: it is nobody's fault, or nobody's merit

    @property
    def ms(self) -> float:
        return self.to_ms - self.from_ms

    @property
    def over(self) -> bool:
        return self.budget_ms is not None and self.ms > self.budget_ms


@dataclass(frozen=True, slots=True)
class Stage:
    title: str
    zero: str  # what its zero is
    steps: tuple[Step, ...]


def waterfall(
    call: Call, events: Sequence[CallEvent] = (), lines: Sequence[Utterance] = ()
) -> tuple[Stage, ...]:
    """The stages of which anything is known, in the order of the call."""
    happened = _first_of_each(events)
    asked_ms = _first_question_ends(lines)
    stages = (
        Stage(_("The phone rings"), _("Twilio's request"), tuple(_ringing(call, happened))),
        Stage(
            _("The line is open"),
            _("the stream's start"),
            tuple(_opening(call, happened, asked_ms)),
        ),
        Stage(_("The first answer"), _("the caller's last word"), tuple(_reply(call, asked_ms))),
    )
    return tuple(stage for stage in stages if stage.steps)


def _first_of_each(events: Iterable[CallEvent]) -> dict[str, float]:
    first: dict[str, float] = {}
    for event in events:
        if event.at_ms is not None:
            first.setdefault(event.name, event.at_ms)
    return first


def _first_question_ends(lines: Iterable[Utterance]) -> float | None:
    """When the caller had said what the first reply answers."""
    for line in lines:
        if line.reply_ms is not None:
            return line.at_ms - line.reply_ms
    return None


def _ringing(call: Call, happened: dict[str, float]) -> Iterable[Step]:
    if call.webhook_ms is not None:
        yield _step(_("Answer to Twilio"), call.webhook_ms, WEBHOOK)
    rang_ms = happened.get("webhook")
    upgrade_ms = happened.get("upgrade")
    if rang_ms is not None and upgrade_ms is not None:
        opened_ms = upgrade_ms - rang_ms
        yield Step(_("Twilio opens the stream"), min(call.webhook_ms or 0.0, opened_ms), opened_ms)
        yield Step(_("Twilio starts it"), opened_ms, -rang_ms)
    if call.context_prefetch_ms is not None:
        yield _step(_("Customer looked up"), call.context_prefetch_ms, CUSTOMER_KNOWN)


def _opening(call: Call, happened: dict[str, float], asked_ms: float | None) -> Iterable[Step]:
    first_audio_ms = call.first_audio_ms
    if first_audio_ms is not None:
        yield _step(_("First audio"), first_audio_ms, FIRST_AUDIO)
    for name, label in (
        ("greeting heard", _("Greeting heard")),
        ("greeting interrupted", _("Greeting interrupted")),
    ):
        if name in happened:
            yield Step(label, min(first_audio_ms or 0.0, happened[name]), happened[name])
    for name, label in (
        ("stt connected", _("Speech recognition connected")),
        ("llm connected", _("Language model at hand")),
        ("tts connected", _("Voice connected")),
    ):
        if name in happened:
            yield _step(label, happened[name], CONNECTED)
    if call.agent_ready_ms is not None:
        yield _step(_("Agent ready"), call.agent_ready_ms, READY)
    if call.context_injected_ms is not None:
        yield _step(_("Customer in the prompt"), call.context_injected_ms, CUSTOMER_KNOWN)
    token_ms = call.first_llm_response_ms
    if token_ms is not None and (asked_ms is None or token_ms < asked_ms):
        yield Step(_("First word from the model"), 0.0, token_ms)


def _reply(call: Call, asked_ms: float | None) -> Iterable[Step]:
    if asked_ms is None:
        return
    token_ms = call.first_llm_response_ms
    if token_ms is not None and token_ms >= asked_ms:
        yield Step(_("First word from the model"), 0.0, token_ms - asked_ms)
    if call.first_reply_audio_ms is not None and call.first_reply_audio_ms >= asked_ms:
        yield _step(_("First reply heard"), call.first_reply_audio_ms - asked_ms, REPLY)


def _step(label: str, ms: float, budget: Budget) -> Step:
    return Step(label, 0.0, ms, budget.most_ms)
