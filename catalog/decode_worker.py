"""Decodes one untrusted audio file, in a process of its own: a file on stdin, samples on stdout.

Answers with one line of JSON ({"problem": a sentence or null}), then 8 kHz mono float32 samples.
"""

import io
import json
import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from catalog.levels import Samples
from catalog.mulaw import SAMPLE_RATE

CPU_SECONDS = 20
MEMORY_BYTES = 512 << 20
ANSWER_BYTES = 4 << 20  # 60 s of samples are 1.9 MB

# Playlists (hls, concat, dash) would let a file name other files and addresses.
_OPTIONS = {
    "format_whitelist": "wav,mp3,flac,ogg,mov,mp4,m4a,3gp,3g2,mj2,aac,matroska,webm",
    "protocol_whitelist": "file",
    "probesize": "1000000",
    "max_streams": "8",
}
_HEADERS_WITH_LENGTH = (b"Xing", b"Info", b"VBRI")


class Refused(Exception):
    """This file cannot become a clip; the message is a sentence for staff."""


def main() -> None:
    limit_resources()
    problem, samples = answer(sys.stdin.buffer.read(), longest_seconds=int(sys.argv[1]))
    sys.stdout.buffer.write(json.dumps({"problem": problem}).encode() + b"\n")
    sys.stdout.buffer.write(samples.astype("<f4").tobytes())


def limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (ANSWER_BYTES, ANSWER_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(data: bytes, longest_seconds: int) -> tuple[str | None, Samples]:
    nothing = np.zeros(0, dtype=np.float32)
    try:
        return None, decode(data, longest_seconds)
    except Refused as refusal:
        return str(refusal), nothing
    except (av.FFmpegError, ValueError, EOFError):
        return "It is not a sound file, or it is damaged.", nothing
    except MemoryError:
        return "It needs too much memory to be read.", nothing


def decode(data: bytes, longest_seconds: int) -> Samples:
    source: BinaryIO = io.BytesIO(data)
    with av.open(source, mode="r", options=dict(_OPTIONS)) as container:
        if not container.streams.audio:
            raise Refused("There is no sound in it.")
        stream = container.streams.audio[0]
        if not 4_000 <= stream.rate <= 384_000:
            raise Refused(f"Its sample rate, {stream.rate} Hz, is not one of a sound recording.")
        stream.codec_context.thread_count = 1
        samples = _resampled(_frames(container, stream), longest_seconds)
        _refuse_cut_off(container, data, samples)
    return samples


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    for packet in container.demux(stream):
        try:
            yield from (frame for frame in packet.decode() if isinstance(frame, AudioFrame))
        except av.error.InvalidDataError:
            continue  # A damaged packet; if many are, the length gives it away.


def _resampled(frames: Iterator[AudioFrame], longest_seconds: int) -> Samples:
    pieces: list[Samples] = []
    total = 0
    resampler, shape = None, None
    for frame in frames:
        if shape != (frame.format.name, frame.layout.name, frame.sample_rate):
            # A file may change its format half-way; the resampler then refuses the frame.
            if resampler is not None:
                pieces += _arrays(resampler.resample(None))
            resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        assert resampler is not None
        new = _arrays(resampler.resample(frame))
        pieces += new
        total += sum(len(piece) for piece in new)
        if total > longest_seconds * SAMPLE_RATE:
            raise Refused(f"It is longer than {longest_seconds} seconds.")
    if resampler is None:
        raise Refused("There is no sound in it.")
    return np.concatenate([*pieces, *_arrays(resampler.resample(None))])


def _arrays(frames: list[AudioFrame]) -> list[Samples]:
    return [frame.to_ndarray().reshape(-1).astype(np.float32) for frame in frames]


def _refuse_cut_off(container: InputContainer, data: bytes, samples: Samples) -> None:
    """An upload that broke off must not become a greeting that does."""
    read = len(samples) / SAMPLE_RATE
    declared = _declared_seconds(container, data, read)
    if declared - read > max(0.25, declared * 0.02):
        raise Refused(
            f"It is cut off or damaged: of {declared:.1f} seconds only {read:.1f} could be read."
        )


def _declared_seconds(container: InputContainer, data: bytes, read: float) -> float:
    """How long the file says it is; `read` where it does not say."""
    name = container.format.name
    if data.startswith(b"RIFF"):
        # FFmpeg takes the length of what is there; the header tells what should be.
        whole_bytes = int.from_bytes(data[4:8], "little") + 8
        streamed = whole_bytes >= 0xFFFFFFFF
        return read if streamed else read * max(1.0, whole_bytes / len(data))
    guessed = name == "aac" or (
        name == "mp3" and not any(mark in data[:65_536] for mark in _HEADERS_WITH_LENGTH)
    )
    if container.duration is None or guessed:
        return read
    return container.duration / av.time_base


if __name__ == "__main__":
    main()
