"""How good a clip is: compared with the original resampled in double precision, and metered."""

import wave
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from catalog import mulaw
from tests.catalog.recordings import encoded_with

Signal = npt.NDArray[np.float64]


def recording_of_a_person(name: str) -> Path:
    """A WAV of 16 to 48 kHz. They come with a package (MIT) and are not ours to copy."""
    package = find_spec("moonshine_voice")
    if package is None or package.origin is None:
        pytest.skip("`make voices` installs the recordings of real people")
    return Path(package.origin).parent / "assets" / f"{name}.wav"


def real_speech(name: str, seconds: float | None = None) -> tuple[Signal, int]:
    with wave.open(str(recording_of_a_person(name))) as file:
        rate = file.getframerate()
        count = file.getnframes() if seconds is None else int(seconds * rate)
        samples = np.frombuffer(file.readframes(count), dtype="<i2") / 32_768
    return samples[:: file.getnchannels()], rate


def tone(hertz: float, rate: int, seconds: float = 2.0, level: float = 0.25) -> Signal:
    return level * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate + 0.7)


def resampled(samples: Signal, rate: int) -> Signal:
    """8 kHz by a windowed sinc of 128 ms, each output sample computed by itself."""
    count, half = len(samples) * 8_000 // rate, rate * 64 // 1_000
    divisor = int(np.gcd(rate, 8_000))
    phases, step = 8_000 // divisor, rate // divisor
    out = np.empty(count)
    padded = np.pad(samples, (half, half + step))
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    for phase in range(phases):
        whole, rest = divmod(phase * step, phases)
        distances = rest / phases - np.arange(-half, half + 1)
        window = np.i0(9 * np.sqrt(np.clip(1 - (distances / (half + 1)) ** 2, 0, 1))) / np.i0(9)
        weights = 8_000 / rate * np.sinc(8_000 / rate * distances) * window
        wanted = out[phase::phases]
        wanted[:] = around[whole::step][: len(wanted)] @ weights
    return out


def heard(clip: bytes) -> Signal:
    return np.frombuffer(mulaw.decode(clip), dtype="<i2") / 32_768


def aligned(clip: bytes, original: Signal) -> tuple[Signal, Signal]:
    """The clip, and the part of the original it was made of at the clip's level."""
    got = heard(clip)
    size = 1 << (len(got) + len(original)).bit_length()
    spectra = np.fft.rfft(original, size) * np.conj(np.fft.rfft(got, size))
    lag = int(np.fft.irfft(spectra, size).argmax())
    lag -= size if lag > size // 2 else 0
    first, last = max(0, lag), min(len(original), lag + len(got))
    got, wanted = got[first - lag : last - lag], original[first:last]
    wanted = max((_delayed(wanted, at / 24) for at in range(-12, 13)), key=lambda one: got @ one)
    return got, wanted * (got @ wanted) / (wanted @ wanted)


def _delayed(samples: Signal, by: float) -> Signal:
    """By a fraction of a sample: encoders put in front what is no whole number of ours."""
    if not by:
        return samples
    padded = np.pad(samples, 64)
    turns = np.exp(-2j * np.pi * by * np.fft.rfftfreq(len(padded)))
    delayed: Signal = np.fft.irfft(np.fft.rfft(padded) * turns, len(padded))[64:-64]
    return delayed


def snr_db(clip: bytes, original: Signal) -> float:
    """Against the original at 8 kHz, levelled, and encoded once."""
    got, wanted = aligned(clip, original)
    once = heard(
        mulaw.encode((wanted * 32_767).round().clip(-32_768, 32_767).astype("<i2").tobytes())
    )
    return float(10 * np.log10((once @ once) / np.square(got - once).sum()))


def correlation(clip: bytes, original: Signal) -> float:
    got, wanted = aligned(clip, original)
    return float((got @ wanted) / np.sqrt((got @ got) * (wanted @ wanted)))


def metered(clip: bytes) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP, by FFmpeg's own EBU R 128 meter."""
    graph = av.filter.Graph()
    source = graph.add("abuffer", sample_rate="8000", sample_fmt="s16", channel_layout="mono")
    meter, sink = graph.add("ebur128", "peak=true:metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    # A clip is followed by silence; the meter answers in steps of 100 ms.
    samples = np.frombuffer(mulaw.decode(clip + b"\xff" * 1_600), dtype="<i2")
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = 8_000
    graph.push(frame)
    graph.push(None)
    loudness, highest = -99.0, 0.0
    while True:
        try:
            said = graph.pull().metadata
        except (av.EOFError, av.BlockingIOError):
            return loudness, float(20 * np.log10(highest))
        loudness = float(said.get("lavfi.r128.I", loudness))
        highest = max(highest, float(said.get("lavfi.r128.true_peaks_ch0", 0.0)))


def file_of(samples: Signal, rate: int, container: str, codec: str, kbps: int = 0) -> bytes:
    if codec == "vorbis":  # FFmpeg's own encoder knows nothing but stereo.
        samples = np.stack([samples, samples])
    return encoded_with(samples.astype(np.float32), rate, container, codec, kbps)
