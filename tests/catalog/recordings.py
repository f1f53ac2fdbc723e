"""Sound files for the tests, made on the spot in any format."""

import io
import wave

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

# file ending: (container, codec, sample rate)
FORMATS = {
    "wav": ("wav", "pcm_s16le", 44_100),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "flac": ("flac", "flac", 48_000),
    "ogg": ("ogg", "vorbis", 44_100),
    "opus": ("ogg", "libopus", 48_000),
    "m4a": ("mp4", "aac", 44_100),
    "aac": ("adts", "aac", 44_100),
    "webm": ("webm", "libopus", 48_000),
}


def voice(seconds: float, sample_rate: int, level: float = 0.05) -> Samples:
    """A buzz of 150 Hz with syllables: enough of a voice to be measured as one."""
    at = np.arange(int(seconds * sample_rate)) / sample_rate
    buzz = sum(np.sin(2 * np.pi * 150 * overtone * at) / overtone for overtone in range(1, 12))
    return (level * buzz * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * at))).astype(np.float32)


def silence(seconds: float, sample_rate: int) -> Samples:
    return np.zeros(int(seconds * sample_rate), dtype=np.float32)


def encoded(samples: Samples, ending: str) -> bytes:
    """Mono samples, at the rate FORMATS names, as a stereo file."""
    container, codec, sample_rate = FORMATS[ending]
    return encoded_with(np.stack([samples, samples]), sample_rate, container, codec)


def encoded_with(
    samples: Samples,
    sample_rate: int,
    container: str,
    codec: str,
    kbps: int = 0,
    options: dict[str, str] | None = None,
) -> bytes:
    """Samples of one channel, or (2, samples), in any container and codec FFmpeg writes."""
    planes = np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32)
    layout = "mono" if len(planes) == 1 else "stereo"
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=options or {}) as out:
        stream = out.add_stream(codec, rate=sample_rate)
        stream.layout = layout
        if kbps:
            stream.bit_rate = kbps * 1_000
        stream.codec_context.options = {"strict": "experimental"}  # for FFmpeg's own Vorbis
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
        frame.sample_rate = sample_rate
        resampler = av.AudioResampler(stream.format, layout, sample_rate, stream.frame_size or None)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()


def recording(ending: str, seconds: float = 1.5, level: float = 0.05) -> bytes:
    sample_rate = FORMATS[ending][2]
    return encoded(voice(seconds, sample_rate, level), ending)


def fragmented_mp4(seconds: float) -> bytes:
    """What Safari's recorder makes: each fragment complete in itself, no duration before them."""
    flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "200000"}
    return encoded_with(voice(seconds, 44_100), 44_100, "mp4", "aac", options=flags)


def film_without_sound() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        picture = np.zeros((64, 64, 3), dtype=np.uint8)
        for _ in range(10):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


def wav(samples: Samples, sample_rate: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(sample_rate)
        out.writeframes((samples * 32_767).clip(-32_768, 32_767).astype("<i2").tobytes())
    return file.getvalue()
