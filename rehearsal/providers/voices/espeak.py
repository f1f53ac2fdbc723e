"""espeak-ng through its C library: robotic, small, and in many languages."""

import ctypes
import threading

import espeakng_loader
import numpy as np

from rehearsal.providers.errors import ProvidersError
from rehearsal.providers.pcm import Pcm
from rehearsal.providers.voices.level import gain_for, levelled
from rehearsal.providers.voices.voice import VoiceError

AUDIO_OUTPUT_SYNCHRONOUS = 2
CHARS_UTF8 = 1
OK = 0
REFERENCE = "Good morning. The opening hours are from nine in the morning to six in the evening."
VOICE_BY_LANGUAGE = {"pt": "pt", "pt-br": "pt-br", "pt-pt": "pt", "en": "en-us"}

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class EspeakVoice:
    """The library keeps its state in globals: one sentence at a time in a process."""

    name = "espeak-ng"
    threads = 1

    def __init__(self) -> None:
        library = espeakng_loader.load_library()
        if library is None:
            raise ProvidersError("The espeak-ng library cannot be loaded; use --voice tone.")
        self._library = library
        self._lock = threading.Lock()
        self._pieces: list[bytes] = []
        self._callback = _Callback(self._take)  # kept: the library calls it for ever after
        data_path = espeakng_loader.get_data_path().encode()
        rate = library.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, data_path, 0)
        if rate <= 0:
            raise ProvidersError("espeak-ng does not start; use --voice tone.")
        self._rate = int(rate)
        library.espeak_SetSynthCallback(self._callback)
        self._gain = gain_for(self._synthesise(REFERENCE, "en"))

    def speak(self, sentence: str, language: str) -> Pcm:
        return levelled(self._synthesise(sentence, language), self._gain)

    def _synthesise(self, text: str, language: str) -> Pcm:
        with self._lock:
            self._set_language(language.lower())
            self._pieces.clear()
            data = text.encode() + b"\0"
            status = self._library.espeak_Synth(data, len(data), 0, 1, 0, CHARS_UTF8, None, None)
            if status != OK:
                raise VoiceError(f"espeak-ng could not speak (status {status}).")
            self._library.espeak_Synchronize()
            samples = np.frombuffer(b"".join(self._pieces), dtype=np.int16)
        return Pcm(samples, self._rate)

    def _set_language(self, language: str) -> None:
        """An unknown language is spoken with the English voice."""
        for name in (VOICE_BY_LANGUAGE.get(language, language), language.split("-")[0], "en-us"):
            if self._library.espeak_SetVoiceByName(name.encode()) == OK:
                return

    def _take(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if samples and count > 0:
            self._pieces.append(ctypes.string_at(samples, count * 2))
        return 0
