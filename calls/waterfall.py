"""The start-up of one call as bars, each against its budget. Pure but for the words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from calls.models import Call


@dataclass(frozen=True, slots=True)
class Bar:
    """`width` is a percentage of the slowest bar; `over` says that the budget was missed."""

    label: str
    ms: float
    budget_ms: float
    width: float
    over: bool


def waterfall(call: Call) -> list[Bar]:
    """One bar for each timing that is known, on a scale that keeps a 2 ms bar visible."""
    known = [
        (label, ms, budget_ms)
        for label, ms, budget_ms in (
            (_("Answer to the phone network"), call.webhook_ms, 50.0),
            (_("First audio"), call.first_audio_ms, 50.0),
            (_("Customer looked up"), call.context_prefetch_ms, 2_000.0),
            (_("Customer in the prompt"), call.context_injected_ms, 2_000.0),
            (_("Agent ready"), call.agent_ready_ms, 500.0),
        )
        if ms is not None
    ]
    slowest = max((ms for _label, ms, _budget in known), default=0.0) or 1.0
    return [
        Bar(label, ms, budget_ms, _width(ms, slowest), ms > budget_ms)
        for label, ms, budget_ms in known
    ]


def _width(ms: float, slowest_ms: float) -> float:
    # Square root: on a linear scale a first audio after 2 ms is a hairline.
    return float(max(1.0, 100.0 * (max(ms, 0.0) / slowest_ms) ** 0.5))
