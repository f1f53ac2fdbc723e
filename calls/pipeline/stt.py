"""What the caller says, as Cartesia hears it: finals are confirmed, and no word is lost."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from django.conf import settings
from pipecat.frames.frames import (
    Frame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.cartesia.stt import CartesiaSTTService

from calls.pipeline.audible import is_audible
from calls.pipeline.line import Line
from calls.pipeline.stt_routes import spoken, stt_routes
from calls.pipeline.transport import SAMPLE_RATE
from calls.pipeline.tts import OFFLINE_KEY
from calls.pipeline.unheard import Unheard
from calls.pipeline.vendor_socket import LOST, VendorSocket
from catalog.snapshot import AgentSpec

if TYPE_CHECKING:
    from calls.pipeline.warm_sockets import WarmSockets

FLUSH_DONE_SECONDS = 0.6  # a `flush_done` later than this is not waited for: no word may be lost
ANSWER_SECONDS = 2.5  # from `finalize` to words or none; 0.1 to 0.4 s with the real vendor
# Clear utterances without a word, until the socket is left for another: one may be a noise.
MOST_UNHEARD = 2
# A message costs 0.3 ms. What was said is long sent when the words of it are asked for.
MESSAGE_BYTES = 2 * SAMPLE_RATE // 10  # 100 ms
QUIET_MESSAGE_BYTES = 2 * SAMPLE_RATE // 2  # of a silence; what ends it takes it along at once
KEPT_BYTES = 15 * 2 * SAMPLE_RATE  # what may have to be heard again
LEAD_BYTES = 1 * 2 * SAMPLE_RATE  # of it, from before the VAD was sure that somebody speaks
FINALIZE = "finalize"


class CallSTT(VendorSocket, CartesiaSTTService):
    """The stock service never marks a final as finalized, so every turn waits out the vendor's p99
    of 0.81 s. We hold the finals that follow our `finalize` until `flush_done` says that nothing
    more will come, and pass them on as one, marked: 350-400 ms saved in every turn.

    What the caller says while the socket is lost, or to a vendor that answers nothing, is kept and
    sent again. An interim is no answer; where nothing else comes of an utterance, it is the final.
    """

    def __init__(self, line: Line, agent: AgentSpec, warm: "WarmSockets | None" = None) -> None:
        routes = stt_routes(agent)
        super().__init__(
            api_key=OFFLINE_KEY,
            base_url=settings.CARTESIA_BASE_URL,
            sample_rate=SAMPLE_RATE,
            settings=self.Settings(model=routes[0].model, language=spoken(agent)),
        )
        self.use_ladder(routes, line, warm)
        self._flushing = False
        self._held_finals: list[dict[str, Any]] = []
        self._holding: asyncio.Task[None] | None = None
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self._unsent = b""
        self._is_speaking = False
        self._interim: dict[str, Any] | None = None  # since the last final
        self._unheard = Unheard()
        self._unanswered: asyncio.Task[None] | None = None  # since `finalize`

    async def cleanup(self) -> None:
        await self._stop_holding()
        await self._answered()
        await super().cleanup()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            self._is_speaking = False
            self._flushing = True
            self.request_finalize()
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            self._is_speaking = True
            self._unheard.caller_starts()
            # Who says hello again and again is still owed an answer to the first.
            self._line.words_came()
            await self._release_finals()
        # Pipecat's own sends `finalize` on a socket that may be lost; it is sent here.
        await super(CartesiaSTTService, self).process_frame(frame, direction)
        if isinstance(frame, VADUserStoppedSpeakingFrame):
            await self._finalize()

    # What goes to the vendor --------------------------------------------------------

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame | None, None]:
        self._keep(audio)
        if self._is_speaking:
            self._unheard.caller_speaks(len(audio))
        self._unsent += audio
        if len(self._unsent) >= self._enough():
            await self._send_unsent()
        yield None

    def _enough(self) -> int:
        quiet = not self._is_speaking and not is_audible(self._unsent)
        return QUIET_MESSAGE_BYTES if quiet else MESSAGE_BYTES

    async def _finalize(self) -> None:
        self._unheard.asked(owed=self.owes_something())
        if self._unanswered is None:
            self._unanswered = self.create_task(self._expect_an_answer())
        self._line.words_awaited()
        await self._send_unsent()
        await self._send(FINALIZE)

    async def _send_unsent(self) -> None:
        unsent, self._unsent = self._unsent, b""
        if unsent:
            await self._send(unsent)

    async def _send(self, what: bytes | str) -> None:
        """What cannot be sent now is sent once the socket is open again."""
        if self.is_open:
            try:
                await self._websocket.send(what)
            except LOST:
                return

    def _keep(self, audio: bytes) -> None:
        most = KEPT_BYTES if self._is_speaking or self.owes_something() else LEAD_BYTES
        self._kept.append(audio)
        self._kept_bytes += len(audio)
        self._forget_all_but(most)

    def _forget_all_but(self, newest_bytes: int) -> None:
        while self._kept_bytes > newest_bytes:
            self._kept_bytes -= len(self._kept.popleft())

    # What comes back ------------------------------------------------------------------

    async def receive_messages(self) -> None:
        async for text in self._websocket:
            message = json.loads(text)
            if not isinstance(message, dict) or not isinstance(message.get("text", ""), str):
                raise ValueError("not a message of Cartesia's")
            await self._process_response(message)

    async def _process_response(self, data: dict[str, Any]) -> None:
        kind = data.get("type")
        if kind == "transcript":
            await self._take_words(data)
        elif kind == "flush_done":
            await self._nothing_more_comes()
        elif kind == "error":
            self.give_up_on_it("its own error")
        else:
            await super()._process_response(data)

    async def _take_words(self, data: dict[str, Any]) -> None:
        text, is_final = str(data.get("text", "")), bool(data.get("is_final"))
        self._line.caller_is_saying(text)
        if text.strip():
            self._unheard.words_came()
        self._interim = data if text.strip() and not is_final else None
        if is_final:
            self.proven()
            await self._answered()
            self._forget_all_but(LEAD_BYTES)
        if not is_final or not self._flushing:
            await super()._process_response(data)
            return
        self._held_finals.append(data)
        if self._holding is None:
            self._holding = self.create_task(self._hold_no_longer_than(FLUSH_DONE_SECONDS))

    async def _nothing_more_comes(self) -> None:
        await self._answered()
        self._forget_all_but(0)
        interim, self._interim = self._interim, None
        if interim is not None and not self._held_finals:
            self._held_finals.append({**interim, "is_final": True})
        self.confirm_finalize()
        await self._release_finals()
        if not self._is_speaking and self._unheard.nothing_more_comes():
            self._line.nothing_understood()
            if self._unheard.in_a_row >= MOST_UNHEARD:
                self.leave_it("heard nothing")
        elif not self._unheard.in_a_row:
            self.proven()

    async def _hold_no_longer_than(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._holding = None
        await self._release_finals()

    async def _stop_holding(self) -> None:
        if self._holding is not None:
            holding, self._holding = self._holding, None
            await self.cancel_task(holding)

    async def _release_finals(self) -> None:
        """Pass on what was held, as one final: the parts are deltas, their spaces significant."""
        await self._stop_holding()
        self._flushing = False
        held, self._held_finals = self._held_finals, []
        text = "".join(str(final.get("text", "")) for final in held)
        if text.strip():
            await self._on_transcript({**held[-1], "text": text})

    # What does not come back ------------------------------------------------------------

    async def _expect_an_answer(self) -> None:
        """Also what is no speech is answered, with `flush_done` alone."""
        while True:
            await asyncio.sleep(ANSWER_SECONDS)
            if self.is_open:
                self.give_up_on_it("no answer in time")

    async def _answered(self) -> None:
        if self._unanswered is not None:
            self._line.words_came()
            unanswered, self._unanswered = self._unanswered, None
            await self.cancel_task(unanswered)

    def owes_something(self) -> bool:
        return self._unanswered is not None

    async def ask_again(self) -> None:
        self._unsent = b""  # It is kept, too.
        for audio in list(self._kept):
            await self._send(audio)
        if self.owes_something():
            await self._answered()  # It has as long as the one before it.
            await self._finalize()
