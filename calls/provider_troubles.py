"""What providers did wrong in one call, for the record, and when the call is lost to it."""

import asyncio
import logging
from collections.abc import Callable

from calls import metrics

logger = logging.getLogger(__name__)

Milestone = Callable[[str, str], None]


class ProviderTroubles:
    """`ready` is set once the agent listens: before, a provider may still connect."""

    def __init__(self, call_sid: str, milestone: Milestone, ready: asyncio.Event) -> None:
        self._call_sid = call_sid
        self._milestone = milestone
        self._ready = ready
        self.lost = asyncio.Event()

    def failed(self, provider: str, category: str, *, for_good: bool) -> None:
        """Whatever could be tried was tried, or nothing retries it."""
        metrics.provider_errors.labels(provider=provider).inc()
        given_up = ", given up" * for_good
        self._milestone(f"{provider} error", category + given_up)
        logger.warning("Call %s: %s error of %s%s.", self._call_sid, category, provider, given_up)
        # Nothing retries a turn that the model failed, or a sentence that was not synthesised:
        # the caller would hear nothing.
        if for_good or (provider in {"llm", "tts"} and self._ready.is_set()):
            self.lost.set()

    def stumbled(self, route: str, reason: str) -> None:
        """One attempt of "llm", "tts fallback"... failed: it is made again, or elsewhere."""
        metrics.provider_stumbles.labels(provider=route.split()[0]).inc()
        self._milestone(f"{route} stumbled", reason)
        logger.warning("Call %s: %s stumbled: %s.", self._call_sid, route, reason)

    def no_reply(self) -> None:
        self.failed("pipeline", "no reply in time", for_good=True)
