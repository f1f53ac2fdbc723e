"""What did one call cost, at the prices of the settings?"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls.models import Call

A_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class CostLine:
    label: str
    used: str
    amount: float | None  # None: its price is not set
    setting: str  # that says the price

    @property
    def shown(self) -> str:
        return "–" if self.amount is None else f"{self.amount:.4f}"


@dataclass(frozen=True, slots=True)
class CallCost:
    lines: tuple[CostLine, ...]
    currency: str

    @property
    def total(self) -> str:
        """Of what has a price; "" if nothing has."""
        known = [line.amount for line in self.lines if line.amount is not None]
        return f"{sum(known):.4f}" if known else ""

    @property
    def settings_missing(self) -> tuple[str, ...]:
        return tuple(line.setting for line in self.lines if line.amount is None)


@dataclass(slots=True)
class Usage:
    """What a call that goes on has used so far: tokens and characters."""

    read: int = 0
    cached: int = 0  # of what was read
    written: int = 0
    spoken: int = 0

    def add(self, *, read: int, cached: int, written: int, spoken: int) -> None:
        self.read += read
        self.cached += cached
        self.written += written
        self.spoken += spoken


def cost_so_far(usage: Usage, seconds: float) -> float:
    """Of a call that goes on, in the currency of the prices."""
    prices = settings.PRICES
    cached = min(usage.cached, usage.read)
    cost: float = (
        math.ceil(seconds / 60) * prices.phone_minute
        + seconds / 60 * prices.stt_minute
        + (usage.read - cached) / A_MILLION * prices.llm_input
        + cached / A_MILLION * (prices.llm_cached or prices.llm_input)
        + usage.written / A_MILLION * prices.llm_output
        + usage.spoken / 1_000 * prices.tts_1000
    )
    return cost


def call_cost(call: Call) -> CallCost:
    return CallCost(tuple(_lines(call)), settings.PRICES.currency)


def _lines(call: Call) -> Iterable[CostLine]:
    prices = settings.PRICES
    seconds = _seconds(call)
    begun = math.ceil(seconds / 60)
    minutes = ngettext("%d begun minute", "%d begun minutes", begun) % begun
    talked = _("%d s") % round(seconds)
    yield _line(_("Telephone"), minutes, begun, prices.phone_minute, "PRICE_PER_MINUTE_PHONE")
    yield _line(
        _("Speech recognition"), talked, seconds / 60, prices.stt_minute, "PRICE_STT_PER_MINUTE"
    )
    cached = min(call.llm_cached_tokens, call.llm_input_tokens)
    # A vendor without a price of their own for cached tokens asks as much as for the others.
    for label, tokens, price, setting in (
        (_("Read by the model"), call.llm_input_tokens - cached, prices.llm_input, "INPUT"),
        (_("Read from its cache"), cached, prices.llm_cached or prices.llm_input, "CACHED"),
        (_("Written by the model"), call.llm_output_tokens, prices.llm_output, "OUTPUT"),
    ):
        used = ngettext("%d token", "%d tokens", tokens) % tokens
        yield _line(label, used, tokens / A_MILLION, price, f"PRICE_LLM_{setting}")
    spoken = call.tts_characters
    characters = ngettext("%d character", "%d characters", spoken) % spoken
    yield _line(_("Voice"), characters, spoken / 1_000, prices.tts_1000, "PRICE_TTS_PER_1000")


def _seconds(call: Call) -> float:
    """What Twilio says is what Twilio bills."""
    if call.reported_seconds is not None:
        return float(call.reported_seconds)
    return (call.duration_ms or 0) / 1_000


def _line(label: str, used: str, amount: float, price: float, setting: str) -> CostLine:
    return CostLine(label, used, amount * price if price else None, setting)
