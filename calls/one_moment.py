"""A caller who waits for an answer hears so: the agent's one-moment clip, from memory."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from calls.greeting import GreetingHeard, GreetingPlayback
from calls.playout import Playout
from catalog.snapshot import ClipAudio

AFTER_SECONDS = 1.0
# Who waits in silence for longer before they are even heard to have finished (a turn is sure after
# 0.6 s at most, and later on a busy machine) hears it sooner: within 2 s of their last word.
SILENT_SECONDS, SOONEST_SECONDS = 1.6, 0.2
AGAIN_SECONDS = 1.8  # after it, when nothing has come: nobody hears nothing for two seconds

Heard = Callable[[float, GreetingHeard], None]  # when it began, in ms of the call


class OneMoment:
    """The clip goes straight to the line. Through the pipeline, the tool's result would have to
    wait behind it: 2,466 ms to the second request instead of 750 ms, measured on Pipecat 1.14.
    """

    def __init__(
        self, clip: ClipAudio, playout: Playout, now_ms: Callable[[], float], heard: Heard
    ) -> None:
        self._clip = clip
        self._playout = playout
        self._now_ms = now_ms
        self._began_ms = 0.0
        self._caller_stopped_ms = 0.0
        self._heard = heard
        self._waiting_for = 0
        self._is_stopped = False
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._task: asyncio.Task[None] | None = None
        self._playing: GreetingPlayback | None = None

    def begin_waiting(self) -> None:
        """Something is awaited. Several at once are waited for as one."""
        self._waiting_for += 1
        if self._task is None and not self._is_stopped:
            self._task = asyncio.create_task(self._bridge(self._clip), name="one moment")

    def end_waiting(self) -> None:
        self._waiting_for -= 1
        if not self._waiting_for and self._task is not None:
            self._task.cancel()
            self._task = None

    def stop(self) -> None:
        """Nothing is awaited any more: the call says its last words."""
        self._is_stopped = True
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._settle(interrupted=True)

    @contextmanager
    def while_waiting(self) -> Iterator[None]:
        """Around the run of a tool, or whatever else takes its time."""
        self.begin_waiting()
        try:
            yield
        finally:
            self.end_waiting()

    def caller_speaks(self, speaks: bool) -> None:
        """Nobody is spoken to while they speak."""
        if speaks:
            self._quiet.clear()
        else:
            self._caller_stopped_ms = self._now_ms()
            self._quiet.set()

    def interrupted(self) -> None:
        """The caller spoke into it: what is left of it was thrown away."""
        self._settle(interrupted=True)

    def settle(self) -> None:
        """Something else follows it: it is, or will be, heard to its end."""
        self._settle(interrupted=False)

    async def _bridge(self, clip: ClipAudio) -> None:
        await asyncio.sleep(self._until_the_first())
        while True:
            await self._quiet.wait()
            if self._playout.lead_seconds > 0:  # Somebody is speaking to them: wait that out.
                await asyncio.sleep(self._playout.lead_seconds)
                continue
            self.settle()
            self._began_ms = self._now_ms()
            self._playing = GreetingPlayback(clip, self._playout)
            await self._playing.send()
            await asyncio.sleep(self._playout.lead_seconds + AGAIN_SECONDS)

    def _until_the_first(self) -> float:
        since_the_caller = (self._now_ms() - self._caller_stopped_ms) / 1000.0
        silent_seconds = min(since_the_caller, self._playout.quiet_seconds)
        return min(AFTER_SECONDS, max(SOONEST_SECONDS, SILENT_SECONDS - silent_seconds))

    def _settle(self, *, interrupted: bool) -> None:
        if self._playing is not None:
            playing, self._playing = self._playing, None
            over = playing.heard_ms() >= self._clip.duration_ms
            self._heard(self._began_ms, playing.settle(interrupted=interrupted and not over))
