"""Any uploaded recording as what a caller hears: raw 8 kHz mono mu-law, trimmed and levelled."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog import levels, mulaw
from catalog.levels import Samples

LARGEST_BYTES = 10_000_000
LONGEST_SECONDS = 60
DEADLINE_SECONDS = 20.0
RAW_SUFFIXES = frozenset({".ulaw", ".raw", ".ul"})
ACCEPTED = "WAV, MP3, FLAC, OGG, Opus, M4A, AAC or WebM"

_MAGIC = (b"RIFF", b"ID3", b"fLaC", b"OggS", b"\x1a\x45\xdf\xa3", b"\xff\xfb", b"\xff\xf1")


class TranscodingError(Exception):
    """This recording cannot become a clip; the message is a sentence for staff."""


@dataclass(frozen=True, slots=True)
class Transcoded:
    mulaw: bytes
    duration_ms: int
    loudness_before_lufs: float | None
    loudness_after_lufs: float | None


def transcode(data: bytes, filename: str) -> Transcoded:
    """Raises TranscodingError for every file that cannot become a clip."""
    if not data:
        raise TranscodingError("The file is empty.")
    if len(data) > LARGEST_BYTES:
        raise TranscodingError(
            f"The file is larger than {LARGEST_BYTES // 1_000_000} MB. Save it as MP3."
        )
    if Path(filename).suffix.lower() in RAW_SUFFIXES and not data.startswith(_MAGIC):
        return _as_is(data)
    samples = levels.trim_silence(_decoded(data), mulaw.SAMPLE_RATE)
    if not len(samples):
        raise TranscodingError("There is only silence in the file.")
    before = levels.loudness_lufs(samples, mulaw.SAMPLE_RATE)
    return _finished(_to_mulaw(levels.normalise(samples, mulaw.SAMPLE_RATE)), before)


def _as_is(data: bytes) -> Transcoded:
    """A file that is mu-law already: what it holds is what callers shall hear."""
    if len(data) > LONGEST_SECONDS * mulaw.SAMPLE_RATE:
        raise TranscodingError(f"It is longer than {LONGEST_SECONDS} seconds.")
    return _finished(data, levels.loudness_lufs(_to_samples(data), mulaw.SAMPLE_RATE))


def _finished(audio: bytes, before: float | None) -> Transcoded:
    padded = mulaw.pad_to_frame(audio)
    return Transcoded(
        mulaw=padded,
        duration_ms=mulaw.duration_ms(padded),
        loudness_before_lufs=before,
        # Measured on the mu-law: what reaches the caller, not what was meant to.
        loudness_after_lufs=levels.loudness_lufs(_to_samples(padded), mulaw.SAMPLE_RATE),
    )


def _to_mulaw(samples: Samples) -> bytes:
    return mulaw.encode((samples * 32_767).round().clip(-32_768, 32_767).astype("<i2").tobytes())


def _to_samples(audio: bytes) -> Samples:
    return np.frombuffer(mulaw.decode(audio), dtype="<i2").astype(np.float32) / np.float32(32_768)


def _decoded(data: bytes) -> Samples:
    """Decoded elsewhere: a file made to break a decoder shall not meet our secrets and calls."""
    with tempfile.TemporaryFile() as answer:
        try:
            finished = subprocess.run(
                [sys.executable, "-m", "catalog.decode_worker", str(LONGEST_SECONDS)],
                input=data,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).resolve().parent.parent,
                env={"OPENBLAS_NUM_THREADS": "1"},
                timeout=DEADLINE_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TranscodingError("Reading the file took too long.") from error
        answer.seek(0)
        head = answer.readline()
        body = answer.read()
    try:
        if finished.returncode != 0:
            raise ValueError("The worker died.")
        problem = json.loads(head)["problem"]
        samples = np.frombuffer(body, dtype="<f4")
    except (ValueError, TypeError, KeyError) as error:
        raise TranscodingError(
            f"The file cannot be read. Save it as {ACCEPTED} and try again."
        ) from error
    if problem is not None:
        raise TranscodingError(str(problem))
    # Files of floating-point samples may hold infinities and numbers that are none.
    usable: Samples = np.nan_to_num(samples).clip(-4.0, 4.0)
    return usable
