"""The session as the pipeline sees it: notes what it was told, and what reached the caller."""

import asyncio
import json
from typing import Any

from calls.inbox import Inbox
from calls.playout import PlayMark, Playout
from calls.tool_results import Result
from calls.tool_runner import ToolRequest, ToolRunResult
from tests.calls.samples import STREAM_SID


class FakeLine:
    """Implements calls.pipeline.line.Line."""

    def __init__(self) -> None:
        self.call_sid = "CA" + "0" * 32
        self.inbox = Inbox()
        self.sent: list[dict[str, Any]] = []
        self.leads_seconds: list[float] = []
        self.playout = Playout(STREAM_SID, self._take)
        self.greeting_is_protected = False
        self.is_leaving = False
        self.pipeline_is_muted = False
        self.language = "en"
        self.interruptions = 0
        self.told: list[Any] = []

    async def _take(self, text: str) -> None:
        message = json.loads(text)
        self.sent.append(message)
        self.told.append(message["event"])
        if message["event"] == "media":
            self.leads_seconds.append(self.playout.lead_seconds)

    async def interrupted(self) -> None:
        self.told.append("interrupted")
        await self.playout.clear()

    def agent_is_ready(self) -> None:
        self.told.append("agent is ready")

    def model_answered(self) -> None:
        self.told.append("model answered")

    def reply_started(self) -> None:
        self.told.append("reply started")

    async def reply_sent(self) -> None:
        self.told.append("reply sent")

    def caller_started(self, start_seconds: float) -> None:
        self.told.append(("caller started", start_seconds))

    def caller_stopped(self, stop_seconds: float) -> None:
        self.told.append(("caller stopped", stop_seconds))

    def stumbled(self, route: str, reason: str) -> None:
        self.told.append(("stumbled", route, reason))

    def words_awaited(self) -> None:
        """What is said for good is what tests of the pipeline are about."""

    def words_came(self) -> None:
        """Likewise."""

    def nothing_understood(self) -> None:
        self.told.append("nothing understood")

    def caller_is_saying(self, text: str) -> None:
        """What is said for good is what tests of the pipeline are about."""

    def agent_is_saying(self, text: str) -> None:
        """Likewise."""

    def caller_said(self, text: str) -> None:
        self.told.append(("caller said", text))

    def agent_said(self, text: str, *, interrupted: bool) -> None:
        self.told.append(("agent said", text, interrupted))

    def provider_failed(self, provider: str, category: str, *, for_good: bool) -> None:
        self.told.append(("provider failed", provider, category, for_good))

    async def spoken(self, request: "asyncio.Future[PlayMark]") -> None:
        request.set_result(await self.playout.send_mark("spoken"))

    def model_asked(self, tool_names: tuple[str, ...]) -> None:
        self.told.append(("model asked", tool_names))

    def used(self, *, read: int = 0, cached: int = 0, written: int = 0, spoken: int = 0) -> None:
        self.told.append(("used", read, cached, written, spoken))

    def milestone(self, name: str, detail: str = "") -> None:
        self.told.append(("milestone", name))

    async def run_tool(self, request: ToolRequest) -> ToolRunResult:
        self.told.append(("tool", request.name, dict(request.arguments), request.interrupted))
        return ToolRunResult(request.name, Result(True, {"done": True}), "ok", 1.0)
