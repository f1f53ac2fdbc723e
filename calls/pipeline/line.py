"""What the AI side of a call needs of the session. Pure."""

import asyncio
from collections.abc import Coroutine
from typing import Protocol

from calls.inbox import Inbox
from calls.playout import PlayMark, Playout
from calls.tool_runner import ToolRequest, ToolRunResult


class Line(Protocol):
    """The session, as the pipeline sees it. Every method but run_tool returns at once."""

    call_sid: str
    inbox: Inbox
    playout: Playout
    pipeline_is_muted: bool  # nothing that the pipeline still says may be heard

    @property
    def greeting_is_protected(self) -> bool:
        """Whether a greeting is playing that the caller may not interrupt."""

    @property
    def is_leaving(self) -> bool:
        """Whether the agent is saying goodbye."""

    async def interrupted(self) -> None:
        """The caller began to speak: stop what is playing."""

    def agent_is_ready(self) -> None: ...

    def model_answered(self) -> None:
        """The model's first token of a reply arrived."""

    def reply_started(self) -> None:
        """The first audio of a reply is about to be sent."""

    async def reply_sent(self) -> None:
        """The last audio of a reply was sent; it may still be playing."""

    def caller_started(self, start_seconds: float) -> None:
        """The VAD is sure that the caller speaks, since `start_seconds` ago."""

    def caller_stopped(self, stop_seconds: float) -> None:
        """The VAD is sure that the caller paused, since `stop_seconds` ago."""

    def words_awaited(self) -> None:
        """The caller has paused, and speech recognition was asked for the words."""

    def words_came(self) -> None:
        """It answered, with words or with none."""

    def nothing_understood(self) -> None:
        """The caller has spoken clearly, and it answered with no word."""

    def caller_said(self, text: str) -> None: ...

    def caller_is_saying(self, text: str) -> None:
        """Words of a turn that goes on: the newest, to be replaced by what they said."""

    def agent_is_saying(self, text: str) -> None:
        """The next words of a reply, as they are played."""

    def agent_said(self, text: str, *, interrupted: bool) -> None: ...

    def provider_failed(self, provider: str, category: str, *, for_good: bool) -> None:
        """An error of stt, llm or tts; `category` is Pipecat's (connectivity, server, ...)."""

    def stumbled(self, route: str, reason: str) -> None:
        """One attempt of "llm", "tts fallback"... failed: it is made again, or elsewhere."""

    def spoken(self, request: "asyncio.Future[PlayMark]") -> Coroutine[None, None, None]:
        """Everything said before this request was sent: mark it, and resolve the request."""

    @property
    def language(self) -> str:
        """The agent's, BCP-47."""

    @property
    def interruptions(self) -> int:
        """How often the caller has interrupted so far."""

    def model_asked(self, tool_names: tuple[str, ...]) -> None:
        """A request goes to the model, with these tools in it."""

    def used(self, *, read: int = 0, cached: int = 0, written: int = 0, spoken: int = 0) -> None:
        """Tokens that the model read (`cached` are among them) and wrote; characters spoken."""

    def milestone(self, name: str, detail: str = "") -> None:
        """For the record."""

    async def run_tool(self, request: ToolRequest) -> ToolRunResult: ...
