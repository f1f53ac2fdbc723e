"""One media stream, from `start` to its end: caller audio every 20 ms, play-out, marks."""

import asyncio
from collections.abc import Mapping

from rehearsal.caller.line_noise import noisy
from rehearsal.caller.media_stream import MediaStream
from rehearsal.caller.mischief import Mischief
from rehearsal.caller.misdeeds import Misdeed
from rehearsal.caller.observed import SOCKET_IS_GONE, EndedBy, Ending, StreamSeen
from rehearsal.caller.person import BreakOff, Misbehave, PressKey, PutDown, StartSpeaking
from rehearsal.caller.stream_messages import CONNECTED, FRAME_MS, MessageWriter
from rehearsal.caller.telephone import Telephone
from rehearsal.caller.ticker import ticker
from rehearsal.caller.uplink import Uplink


class Streaming:
    """The telephone on one stream. Nothing here waits: each tick does what is due."""

    def __init__(self, telephone: Telephone, stream: MediaStream, writer: MessageWriter) -> None:
        self._telephone = telephone
        self._listening = telephone.listening
        self._stream = stream
        self._writer = writer
        self._uplink = Uplink(stream)
        self._mischief = Mischief(stream, self._uplink, writer)
        self._over: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._parameters: Mapping[str, str] = {}
        self._began_ms = telephone.now_ms()
        self._start_sent_ms: float | None = None
        self._first_audio_ms: float | None = None
        self._gone_ms: float | None = None
        self._break_off: BreakOff | None = None

    async def run(self, parameters: Mapping[str, str]) -> Ending:
        """Start the stream and live through it. The socket is left open, after `stop`."""
        self._parameters = parameters
        await self._stream.send_text(CONNECTED)
        self._start_when_due(self._telephone.now_ms())
        self._stream.listen(self._take, self._server_is_gone)
        first_ms = self._telephone.ms_at(ticker().join(self._tick))
        self._telephone.microphone.begin_at(first_ms - FRAME_MS)
        try:
            ending = await self._over
        finally:
            ticker().leave(self._tick)
        await self._leave(ending)
        return ending

    def seen(self, ending: Ending) -> StreamSeen:
        closed_by_server = self._gone_ms is not None and self._gone_ms <= ending.at_ms
        return StreamSeen(
            stream_sid=self._writer.stream_sid,
            began_ms=self._began_ms,
            first_audio_ms=self._first_audio_ms,
            ended_by=ending.by,
            ended_ms=ending.at_ms,
            close_code=self._stream.close_code if closed_by_server else None,
        )

    # Every 20 ms ----------------------------------------------------------------

    def _tick(self, due: float) -> None:
        if self._over.done():
            return
        try:
            ending = self._live(self._telephone.ms_at(due))
        except Exception as error:  # It belongs to whoever waits for the stream's end.
            self._over.set_exception(error)
        else:
            if ending is not None:
                self._over.set_result(ending)

    def _live(self, due_ms: float) -> Ending | None:
        now_ms = self._telephone.now_ms()
        self._telephone.lags_ms.append(now_ms - due_ms)
        ending = self._ended_by_server(now_ms)
        if ending is not None:
            return ending
        self._start_when_due(now_ms)
        self._mischief.tick(now_ms)
        self._send_frame()
        for name in self._listening.due_marks(now_ms):
            self._uplink.send(self._writer.mark(name))
        return self._act(now_ms)

    def _ended_by_server(self, now_ms: float) -> Ending | None:
        by: EndedBy
        if self._telephone.rest_side.changed.is_set():
            by, at_ms = "server-rest", now_ms
        elif self._gone_ms is not None:
            # After `stop` the call was over already.
            by, at_ms = "caller" if self._mischief.has_stopped else "server-socket", self._gone_ms
        else:
            return None
        person = self._telephone.person
        complaint = "" if person.expects_hangup else f"The agent hung up during {person.doing}."
        return Ending(by, at_ms, complaint)

    def _start_when_due(self, now_ms: float) -> None:
        conduct = self._telephone.conduct
        if self._start_sent_ms is not None or not conduct.starts:
            return
        if now_ms - self._began_ms >= conduct.start_after_ms:
            self._start_sent_ms = now_ms
            self._uplink.send(self._writer.start(self._parameters))

    def _send_frame(self) -> None:
        conduct, microphone = self._telephone.conduct, self._telephone.microphone
        if conduct.echo is None:
            payload = microphone.next_payload()
            if conduct.noise_db is not None:
                payload = noisy(payload, conduct.noise_db, round(microphone.now_ms))
        else:
            # By the samples sent, not by the clock: a telephone's echo has no cracks.
            heard = self._listening.playout.heard_at(
                microphone.now_ms - conduct.echo.delay_ms, FRAME_MS
            )
            payload = microphone.next_payload_with(heard, conduct.echo.level_db)
        if self._start_sent_ms is not None or conduct.frames_before_start:
            self._uplink.send_media(self._writer.media(payload))

    def _act(self, now_ms: float) -> Ending | None:
        act = self._telephone.person.next_act(
            now_ms, self._listening.playout.ear, speaking=self._telephone.microphone.speaking
        )
        if isinstance(act, StartSpeaking):
            self._telephone.microphone.say(act.line)
        elif isinstance(act, PressKey):
            self._uplink.send(self._writer.dtmf(act.digit))
        elif isinstance(act, Misbehave):
            self._misbehave(act.misdeed, now_ms)
        elif isinstance(act, PutDown):
            return Ending("caller", now_ms, act.complaint)
        elif isinstance(act, BreakOff):
            self._break_off = act
            code = act.close_code
            how = "was reset" if code is None else f"was closed with {code}"
            self._telephone.deeds.begin(f"the connection {how}, without `stop`", now_ms)
            return Ending("line", now_ms)
        return None

    def _misbehave(self, misdeed: Misdeed, now_ms: float) -> None:
        number = self._telephone.deeds.begin(misdeed.words, now_ms)
        self._mischief.begin(misdeed, now_ms)
        self._telephone.side_deeds.begin(misdeed, number, self._telephone.now_ms)

    # From the server ------------------------------------------------------------

    def _take(self, frame: str | bytes) -> None:
        now_ms = self._telephone.now_ms()
        taken = self._listening.take(frame, self._writer.stream_sid, now_ms)
        if taken.is_audio and self._first_audio_ms is None:
            self._first_audio_ms = now_ms - (self._start_sent_ms or self._began_ms)
        if taken.is_clear:
            self._telephone.person.cut_agent_off(now_ms)
        for name in taken.marks:
            self._uplink.send(self._writer.mark(name))

    def _server_is_gone(self) -> None:
        self._gone_ms = self._telephone.now_ms()

    # The end --------------------------------------------------------------------

    async def _leave(self, ending: Ending) -> None:
        if self._break_off is not None and self._break_off.close_code is not None:
            await self._stream.close(self._break_off.close_code)
        elif self._break_off is not None or self._mischief.is_half_open:
            await self._stream.reset()
        elif ending.by not in SOCKET_IS_GONE and not self._mischief.has_stopped:
            self._uplink.send(self._writer.stop())
