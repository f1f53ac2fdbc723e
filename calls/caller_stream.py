"""What does the caller's media stream say? Each message goes where it belongs, within limits."""

from calls.line import CallLine
from calls.media_streams import Dtmf, Ignored, Mark, Media, Message, StreamStopped
from calls.models import EndedBy
from calls.recording.recorder import Recorder
from calls.refusals import Refused
from calls.stream_limits import BYTES_PER_MS, StreamLimits
from calls.stream_order import StreamOrder
from calls.survey.spoken import SpokenSurvey

SILENCE = b"\xff" * (100 * BYTES_PER_MS)


class CallerStream:
    """The stream of one call. `messages` is how many came, for who watches whether it lives."""

    def __init__(
        self, stream_sid: str, line: CallLine, survey: SpokenSurvey, recorder: Recorder | None
    ) -> None:
        self.messages = 0
        self._stream_sid = stream_sid
        self._line = line
        self._survey = survey
        self._recorder = recorder
        self._limits = StreamLimits()
        self._order = StreamOrder()

    def moved(self, stream_sid: str) -> None:
        """The call goes on over another stream, with numbers and timestamps of its own."""
        self._stream_sid = stream_sid
        self._order = StreamOrder()

    def take(self, message: Message) -> Refused | None:
        """Called for every media frame: it only sorts. Why the stream has to be closed, if so."""
        self.messages += 1
        at_ms = self._line.clock.ms()
        if not self._limits.takes_one_more(at_ms):
            return Refused.FLOOD
        if self._line.over.is_set():
            return None
        kind = type(message)
        if kind is Media and message.stream_sid == self._stream_sid:  # type: ignore[union-attr]
            well_formed = self._hear(message, at_ms)  # type: ignore[arg-type]
        else:
            well_formed = self._take_rarer(message)
        if well_formed or self._limits.takes_malformed(at_ms):
            return None
        return Refused.MALFORMED

    def _take_rarer(self, message: Message) -> bool:
        match message:
            case Mark(stream_sid, name, number) if stream_sid == self._stream_sid:
                self._line.playout.mark_echoed(name)
            case Dtmf(stream_sid, digit, number) if stream_sid == self._stream_sid:
                self._survey.key_pressed(digit)
            case StreamStopped(stream_sid, number) if stream_sid == self._stream_sid:
                self._line.end(EndedBy.CALLER)
            case Ignored():
                return True
            case _:
                return False
        self._order.count(number)
        return True

    def _hear(self, media: Media, at_ms: float) -> bool:
        audio = media.audio
        if not self._limits.takes_audio(len(audio), at_ms):
            return False
        self._order.count(media.number)
        silence_ms = self._order.silence_before(media.timestamp_ms, len(audio))
        if silence_ms is None:
            return True
        if silence_ms:
            self._hear_silence(silence_ms, at_ms)
        if self._recorder is not None:  # It has silence of its own, by the clock.
            self._recorder.hear(audio)
        self._line.hear(audio)
        return True

    def _hear_silence(self, ms: int, at_ms: float) -> None:
        for _ in range(ms * BYTES_PER_MS // len(SILENCE)):
            if self._limits.takes_silence(len(SILENCE), at_ms):
                self._line.hear(SILENCE)
