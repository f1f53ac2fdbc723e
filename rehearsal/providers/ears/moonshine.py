"""Real speech recognition: Moonshine's tiny English model, on this machine's processor."""

import hashlib

import numpy as np
from moonshine_voice import ModelArch, Transcriber, get_model_path

from rehearsal.providers.ears.silence import speech_in
from rehearsal.providers.memo import Memo
from rehearsal.providers.pcm import Pcm
from rehearsal.providers.worker import Worker

RATE = 16_000
# Its own search for speech cuts a sentence where there is a pause, and hears words such as "You"
# in what is left over: one of ten short sentences in our measurements. We cut the silence off.
OPTIONS = {"vad_threshold": "0.0", "return_audio_data": "false"}
WORK_PER_SECOND = 0.1  # measured: 0.08 to 0.13 s of work for a second of speech
REMEMBERED = 256


class MoonshineRecogniser:
    """One model for all connections. Shared between threads without a lock it returns freed
    memory, so it has one worker thread of its own.
    """

    name = "moonshine tiny-en"
    rates = (8_000, 16_000)

    def __init__(self) -> None:
        self._transcriber = Transcriber(
            str(get_model_path("tiny-en")), ModelArch.TINY, options=OPTIONS
        )
        self._worker = Worker("ears")
        self._known: Memo[tuple[bytes, int], str] = Memo(REMEMBERED)
        self._transcribe(Pcm(np.zeros(RATE, dtype=np.int16), RATE))  # the first one is slow

    def new_ear(self, language: str) -> "MoonshineEar":
        return MoonshineEar(self)

    async def close(self) -> None:
        await self._known.close()
        self._worker.close()

    async def understand(self, audio: Pcm) -> str:
        speech = speech_in(audio)
        if speech is None:
            return ""
        expected = speech.seconds * WORK_PER_SECOND
        digest = hashlib.sha256(speech.samples.tobytes()).digest()
        return await self._known.get(
            (digest, speech.rate),
            lambda: self._worker.run(expected, lambda: self._transcribe(speech)),
        )

    def _transcribe(self, speech: Pcm) -> str:
        samples = speech.at_rate(RATE).to_float().tolist()
        transcript = self._transcriber.transcribe_without_streaming(samples, RATE)
        return " ".join(line.text.strip() for line in transcript.lines).strip()


class MoonshineEar:
    """Keeps nothing between two transcripts."""

    def __init__(self, recogniser: MoonshineRecogniser) -> None:
        self._recogniser = recogniser

    async def understand(self, audio: Pcm) -> str:
        return await self._recogniser.understand(audio)
