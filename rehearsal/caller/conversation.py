"""The caller's end of a call: whichever stream carries it, it is one conversation."""

from collections.abc import Mapping

from rehearsal.caller.media_stream import MediaStream
from rehearsal.caller.observed import Ending, Observed, StreamSeen
from rehearsal.caller.stream_messages import MessageWriter
from rehearsal.caller.streaming import Streaming
from rehearsal.caller.telephone import Telephone


class Conversation:
    """One stream after the other. What was still to be played when one ended is lost."""

    def __init__(self, telephone: Telephone) -> None:
        self.streams: list[StreamSeen] = []
        self._telephone = telephone

    async def run(
        self, stream: MediaStream, writer: MessageWriter, parameters: Mapping[str, str]
    ) -> Ending:
        """Go on over this stream until it ends. The socket is left open, after `stop`."""
        telephone = self._telephone
        if telephone.started_at is None:
            telephone.start()
        else:
            telephone.listening.playout.lose(self.streams[-1].ended_ms)
        streaming = Streaming(telephone, stream, writer)
        ending = Ending("error", 0.0)  # unless it comes to an end of its own
        try:
            ending = await streaming.run(parameters)
        finally:
            if ending.by == "error":
                ending = Ending("error", telephone.now_ms())
            self.streams.append(streaming.seen(ending))
        self._answer_deeds(self.streams[-1])
        return ending

    def now_ms(self) -> float:
        return self._telephone.now_ms()

    def observed(self, until_ms: float) -> Observed:
        """What happened until the end of the call."""
        telephone, listening = self._telephone, self._telephone.listening
        playout = listening.playout
        return Observed(
            first_audio_ms=self.streams[0].first_audio_ms if self.streams else None,
            said=telephone.microphone.said(),
            heard=playout.ear.heard(until_ms),
            played=playout.played(until_ms),
            unheard_ms=playout.ear.unheard_ms(until_ms),
            marks=tuple(listening.marks),
            clears=tuple(listening.clears),
            gaps=tuple(playout.gaps),
            violations=tuple(listening.violations),
            lags_ms=tuple(telephone.lags_ms),
            close_code=self.streams[-1].close_code if self.streams else None,
            streams=tuple(self.streams),
        )

    def _answer_deeds(self, seen: StreamSeen) -> None:
        """What the server did at last is its answer to whatever had none."""
        deeds = self._telephone.deeds
        if seen.close_code is not None:
            answer = f"closed the stream with {seen.close_code}"
            deeds.all_answered(answer, seen.ended_ms, seen.close_code)
        elif seen.ended_by == "server-rest":
            redirected = self._telephone.rest_side.new_twiml
            answer = "sent the call to other TwiML" if redirected else "hung up"
            deeds.all_answered(answer, seen.ended_ms)
        else:
            # A line that is lost is answered by what the <Connect action> says.
            deeds.went_on(but_for_the_last=seen.ended_by == "line")
