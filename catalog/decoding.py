"""The sound in one untrusted file, by FFmpeg's libraries; runs only in the decoding process."""

import io
from collections.abc import Iterator
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer

from catalog import containers
from catalog.mulaw import SAMPLE_RATE
from catalog.refusals import LONGEST_SECONDS, Reason, refused
from catalog.telephone_band import Samples, at_telephone_rate, in_one_channel, is_inaudible

RATES = range(4_000, 384_001)
# More is halved by FFmpeg first; it keeps what memory a file can take within bounds.
HIGHEST_RATE = 48_000
SLACK_SECONDS = 0.1  # What encoders add: a minute of AAC decodes to 60.04 s.
MISSING_SECONDS = 0.12  # What encoders count and decoders leave out again.

# Playlists (hls, concat, dash) would let a file name other files and addresses.
_FORMATS = "wav,mp3,flac,ogg,mov,mp4,m4a,3gp,3g2,mj2,aac,matroska,webm"
# The decoders of what may be uploaded: FFmpeg has 150 more, and a WAV may ask for any of them.
_CODECS = (
    "mp3,mp3float,aac,vorbis,opus,libopus,flac,alac,adpcm_ima_wav,adpcm_ms,pcm_mulaw,pcm_alaw,"
    "pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f64le"
)
_OPTIONS = {
    "format_whitelist": _FORMATS,
    "codec_whitelist": _CODECS,
    "protocol_whitelist": "file",
    "probesize": "1000000",
    "max_streams": "8",
}


def decoded(data: bytes) -> Samples:
    """8 kHz mono, at most LONGEST_SECONDS. Raises Refused."""
    source: BinaryIO = io.BytesIO(data)
    try:
        with av.open(source, mode="r", options=dict(_OPTIONS)) as container:
            return _of_container(container, data)
    except (MemoryError, av.error.MemoryError) as error:
        raise refused(Reason.TOO_MUCH_MEMORY) from error
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise refused(_why_unreadable(data)) from error


def _why_unreadable(data: bytes) -> Reason:
    sound = (b"RIFF", b"ID3", b"fLaC", b"OggS", b"\x1a\x45\xdf\xa3")
    known = data.startswith(sound) or data[4:8] == b"ftyp" or containers.is_mpeg_audio(data)
    return Reason.DAMAGED if known else Reason.NOT_AUDIO


def _of_container(container: InputContainer, data: bytes) -> Samples:
    ending = containers.ending(data)
    if not container.streams.audio:
        raise refused(Reason.DAMAGED if ending.cut_off else Reason.NO_AUDIO_STREAM)
    stream = container.streams.audio[0]
    _refuse_unusual_rate(stream.rate)
    declared = _declared_seconds(container, data, ending)
    if declared > LONGEST_SECONDS + 1:
        raise refused(Reason.CLAIMS_TOO_LONG, declared_seconds=declared)
    if stream.codec_context is None or stream.codec_context.name not in _CODECS.split(","):
        raise refused(Reason.UNUSUAL_CODING)
    stream.codec_context.thread_count = 1
    channels, rate = _all_samples(_frames(container, stream))
    read = channels.shape[1] / rate
    if declared - read > max(MISSING_SECONDS, declared * 0.01) or ending.cut_off:
        raise refused(Reason.CUT_OFF, declared_seconds=declared, read_seconds=read)
    mono = in_one_channel(channels)
    resampled = at_telephone_rate(mono, rate)
    if is_inaudible(resampled, mono):
        raise refused(Reason.SILENT)
    return resampled[: LONGEST_SECONDS * SAMPLE_RATE]


def _declared_seconds(container: InputContainer, data: bytes, ending: containers.Ending) -> float:
    """How long the file says it is; 0 where it does not say."""
    if ending.seconds is not None:
        # FFmpeg takes the length of what is there; the header tells what should be.
        return ending.seconds
    if data.startswith(b"RIFF"):
        return 0.0
    if container.duration is None or containers.guesses_its_length(data, container.format.name):
        return 0.0
    return float(container.duration / av.time_base)


def _refuse_unusual_rate(rate: int) -> None:
    if rate == 0:
        raise refused(Reason.DAMAGED)
    if rate not in RATES:
        raise refused(Reason.UNUSUAL_RATE, sample_rate=rate)


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    for packet in container.demux(stream):
        try:
            yield from (frame for frame in packet.decode() if isinstance(frame, AudioFrame))
        except av.error.InvalidDataError:
            continue  # A damaged packet; if many are, the length gives it away.


def _all_samples(frames: Iterator[AudioFrame]) -> tuple[Samples, int]:
    """(1 or 2 channels, samples) and their rate: the first frame decides on both."""
    pieces: list[Samples] = []
    total, rate, layout = 0, 0, ""
    resampler, shape = None, None
    for frame in frames:
        if resampler is None or shape != _shape(frame):
            _refuse_unusual_rate(frame.sample_rate)
            rate = rate or min(frame.sample_rate, HIGHEST_RATE)
            layout = layout or ("mono" if frame.layout.nb_channels == 1 else "stereo")
            # A file may change its format half-way; the resampler then refuses the frame.
            pieces += _arrays(resampler.resample(None)) if resampler else []
            resampler = AudioResampler(format="fltp", layout=layout, rate=rate)
            shape = _shape(frame)
        new = _arrays(resampler.resample(frame))
        pieces += new
        total += sum(piece.shape[1] for piece in new)
        if total > (LONGEST_SECONDS + SLACK_SECONDS) * rate:
            raise refused(Reason.TOO_LONG)
    if resampler is not None:
        pieces += _arrays(resampler.resample(None))
    if not total:
        raise refused(Reason.NO_AUDIO_STREAM)
    # Files of floating-point samples may hold infinities and numbers that are none.
    return np.nan_to_num(np.concatenate(pieces, axis=1)).clip(-4.0, 4.0), rate


def _shape(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _arrays(frames: list[AudioFrame]) -> list[Samples]:
    return [frame.to_ndarray().astype(np.float32) for frame in frames]
