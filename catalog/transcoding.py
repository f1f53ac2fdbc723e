"""Any uploaded recording as what a caller hears: raw 8 kHz mono mu-law, trimmed and levelled."""

import json
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog import containers, levels, mulaw
from catalog.refusal_sentences import ACCEPTED, sentence
from catalog.refusals import LARGEST_BYTES, LONGEST_SECONDS, Reason, Refusal
from catalog.true_peak import Samples, hold_below, true_peak

__all__ = [
    "ACCEPTED",
    "LARGEST_BYTES",
    "LONGEST_SECONDS",
    "Transcoded",
    "TranscodingError",
    "transcode",
]

DEADLINE_SECONDS = 20.0
# Two meters interpolate a wave in two ways; a tenth of a decibel keeps both below -1 dBTP.
HIGHEST_PEAK = levels.PEAK * 10 ** (-0.1 / 20)
LONGEST_HEAD_BYTES = 500  # Of the worker's answer; a longer one was not made by our code.
RAW_SUFFIXES = frozenset({".ulaw", ".raw", ".ul"})


class TranscodingError(Exception):
    """This recording cannot become a clip; the message is a sentence for staff."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(sentence(refusal))
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Transcoded:
    """`trimmed_start_ms` was cut in front: words came that much later in the file.

    `loudness_after_lufs` is of the mu-law itself. Both are None for what is too short to measure.
    """

    mulaw: bytes
    duration_ms: int
    loudness_before_lufs: float | None
    loudness_after_lufs: float | None
    trimmed_start_ms: int = 0


def transcode(data: bytes, filename: str, *, target_lufs: float = levels.TARGET_LUFS) -> Transcoded:
    """Raises TranscodingError for every file that cannot become a clip."""
    if not data:
        raise TranscodingError(Refusal(Reason.EMPTY))
    if len(data) > LARGEST_BYTES:
        raise TranscodingError(Refusal(Reason.TOO_LARGE))
    if Path(filename).suffix.lower() in RAW_SUFFIXES and not containers.is_known(data):
        return _as_is(data)
    trimmed = levels.trim_silence(_decoded(data), mulaw.SAMPLE_RATE)
    if not len(trimmed.samples):
        raise TranscodingError(Refusal(Reason.SILENT))
    before = levels.loudness_lufs(trimmed.samples, mulaw.SAMPLE_RATE)
    trimmed_ms = trimmed.start * 1_000 // mulaw.SAMPLE_RATE
    return _finished(_levelled_mulaw(trimmed.samples, target_lufs), before, trimmed_ms)


def _as_is(data: bytes) -> Transcoded:
    """A file that is mu-law already: what it holds is what callers shall hear."""
    if data.isascii():
        # Text: as mu-law it would be a wave without a positive half.
        raise TranscodingError(Refusal(Reason.NOT_AUDIO))
    if len(data) > LONGEST_SECONDS * mulaw.SAMPLE_RATE:
        raise TranscodingError(Refusal(Reason.TOO_LONG))
    samples = _to_samples(data)
    if not len(levels.trim_silence(samples, mulaw.SAMPLE_RATE).samples):
        raise TranscodingError(Refusal(Reason.SILENT))
    return _finished(data, levels.loudness_lufs(samples, mulaw.SAMPLE_RATE), 0)


def _finished(audio: bytes, before: float | None, trimmed_start_ms: int) -> Transcoded:
    padded = mulaw.pad_to_frame(audio)
    return Transcoded(
        mulaw=padded,
        duration_ms=mulaw.duration_ms(padded),
        loudness_before_lufs=before,
        # Measured on the mu-law: what reaches the caller, not what was meant to.
        loudness_after_lufs=levels.loudness_lufs(_to_samples(padded), mulaw.SAMPLE_RATE),
        trimmed_start_ms=trimmed_start_ms,
    )


def _levelled_mulaw(samples: Samples, target_lufs: float) -> bytes:
    """The steps of mu-law are coarse where it is loud: rounding may raise a peak by 0.2 dB."""
    levelled = levels.normalise(samples, mulaw.SAMPLE_RATE, target_lufs=target_lufs)
    audio, ceiling = _to_mulaw(levelled), levels.PEAK
    for _ in range(5):
        reached = true_peak(_to_samples(audio))
        if reached <= HIGHEST_PEAK:
            break
        ceiling *= 0.999 * HIGHEST_PEAK / reached
        audio = _to_mulaw(hold_below(levelled, ceiling, mulaw.SAMPLE_RATE))
    return audio


def _to_mulaw(samples: Samples) -> bytes:
    return mulaw.encode((samples * 32_767).round().clip(-32_768, 32_767).astype("<i2").tobytes())


def _to_samples(audio: bytes) -> Samples:
    return np.frombuffer(mulaw.decode(audio), dtype="<i2").astype(np.float32) / np.float32(32_768)


def _decoded(data: bytes) -> Samples:
    """Decoded elsewhere: a file made to break a decoder shall not meet our secrets and calls."""
    with tempfile.TemporaryFile() as answer:
        try:
            finished = subprocess.run(
                [sys.executable, "-m", "catalog.decode_worker"],
                input=data,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).resolve().parent.parent,
                env={"OPENBLAS_NUM_THREADS": "1"},
                timeout=DEADLINE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TranscodingError(Refusal(Reason.TOO_SLOW)) from error
        answer.seek(0)
        head, body = answer.readline(LONGEST_HEAD_BYTES), answer.read()
    if finished.returncode == -signal.SIGXCPU:
        raise TranscodingError(Refusal(Reason.TOO_SLOW))
    if finished.returncode != 0:
        raise TranscodingError(Refusal(Reason.DAMAGED))
    return _trusted(head, body)


def _trusted(head: bytes, body: bytes) -> Samples:
    """What a decoder that was taken over may answer is checked like any other input."""
    try:
        refusal = _refusal(json.loads(head))
        samples = np.frombuffer(body, dtype="<f4")
    except (ValueError, TypeError, KeyError) as error:
        raise TranscodingError(Refusal(Reason.DAMAGED)) from error
    if refusal is not None:
        raise TranscodingError(refusal)
    if len(samples) > LONGEST_SECONDS * mulaw.SAMPLE_RATE:
        raise TranscodingError(Refusal(Reason.TOO_LONG))
    usable: Samples = np.nan_to_num(samples).clip(-4.0, 4.0)
    return usable


def _refusal(answer: object) -> Refusal | None:
    if answer is None:
        return None
    if not isinstance(answer, dict):
        raise TypeError("A refusal is an object.")
    return Refusal(
        Reason(answer["reason"]),
        float(answer["declared_seconds"]),
        float(answer["read_seconds"]),
        int(answer["sample_rate"]),
    )
