"""“This call is recorded”: played before anything else, and nothing is kept unless it was heard."""

import asyncio
from collections.abc import Callable

from calls.greeting import GreetingPlayback
from calls.playout import Playout
from calls.recording.recorder import Recorder
from catalog.snapshot import AgentSpec, ClipAudio


class Announcement(GreetingPlayback):
    """Heard means that its last mark came back. That its time has passed, which is good enough to
    go on with the conversation, is not good enough to keep a recording.
    """

    def __init__(self, clip: ClipAudio, playout: Playout, on_heard: Callable[[], None]) -> None:
        super().__init__(clip, playout)
        self._on_heard = on_heard

    async def send(self, *, realtime: bool = False) -> None:
        await super().send(realtime=realtime)
        mark = self.last_mark
        if mark is not None:
            mark.reached.add_done_callback(self._is_over)

    def _is_over(self, reached: "asyncio.Future[bool]") -> None:
        if not reached.cancelled() and reached.result():
            self._on_heard()


def announce(spec: AgentSpec, recorder: Recorder, playout: Playout) -> Announcement | None:
    """Record from now on. What has to be played first, if this agent tells its callers."""
    playout.recorder = recorder
    recorder.begin(announced=spec.consent_clip is None)
    if spec.consent_clip is None:
        return None
    return Announcement(spec.consent_clip, playout, recorder.announced)
