"""The live calls of this process: who is on the line, whether one more fits, and their tasks."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Protocol

from calls import metrics
from calls.media_streams import Message
from calls.models import EndedBy
from calls.refusals import Refused
from calls.socket import Socket


class LiveCall(Protocol):
    """A call as its socket sees it, and whoever ends it from outside."""

    call_sid: str
    agent_id: int

    def feed(self, message: Message) -> Refused | None: ...

    def take_over(self, stream_sid: str, socket: Socket, *, resumes: bool) -> bool: ...

    def gone(self, socket: Socket, *, cleanly: bool) -> None: ...

    def end(self, by: EndedBy) -> None: ...

    def asked_what_comes_next(self) -> str: ...

    def was_asked(self) -> None: ...

    def is_over_at_twilio(self, status: str) -> None: ...


class LiveCalls:
    """Sessions by call SID, and a strong hold on the tasks that run them.

    The tasks belong to the process, not to the consumer: Daphne cancels a consumer 10 s after its
    socket closed, and a session's last writes must outlive that.
    """

    def __init__(self) -> None:
        self._sessions: dict[str, LiveCall] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._sessions)

    def __contains__(self, call_sid: str) -> bool:
        return call_sid in self._sessions

    def get(self, call_sid: str) -> LiveCall | None:
        return self._sessions.get(call_sid)

    def admits(self, limit: int, waiting: int) -> bool:
        """Whether one more call fits beside the live ones and those whose stream is awaited."""
        return len(self._sessions) + waiting < limit

    def of_agent(self, agent_id: int) -> int:
        return sum(session.agent_id == agent_id for session in self._sessions.values())

    def run(self, session: LiveCall, running: Coroutine[Any, Any, None]) -> None:
        """Hold the session and its task until the task is done."""
        self._sessions[session.call_sid] = session
        metrics.live_calls.set(len(self._sessions))
        task = asyncio.create_task(running, name="call session")
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._forget(session, done))

    def end_all(self, by: EndedBy) -> None:
        for session in list(self._sessions.values()):
            session.end(by)

    async def ended(self, timeout_seconds: float) -> bool:
        """Wait until no call is left. False when that took too long."""
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=timeout_seconds)
        return not self._tasks

    def _forget(self, session: LiveCall, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if self._sessions.get(session.call_sid) is session:
            del self._sessions[session.call_sid]
        metrics.live_calls.set(len(self._sessions))


live_calls = LiveCalls()
