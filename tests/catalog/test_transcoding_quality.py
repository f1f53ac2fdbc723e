"""How good what callers hear is, in numbers: against double precision, and by a second meter."""

import numpy as np
import pytest

from catalog import levels, mulaw
from catalog.refusals import Reason
from catalog.transcoding import Transcoded, TranscodingError, transcode
from tests.catalog import measuring
from tests.catalog.measuring import Signal, file_of, real_speech, tone

LOSSLESS = {
    "wav": ("wav", "pcm_s16le"),
    "wav-24": ("wav", "pcm_s24le"),
    "wav-float": ("wav", "pcm_f32le"),
    "flac": ("flac", "flac"),
    "alac": ("mp4", "alac"),
}
LOSSY = {
    "mp3-64": ("mp3", "libmp3lame", 64),
    "mp3-128": ("mp3", "libmp3lame", 128),
    "aac-64": ("adts", "aac", 64),
    "m4a-96": ("mp4", "aac", 96),
    "ogg-opus-24": ("ogg", "libopus", 24),
    "ogg-opus-48": ("ogg", "libopus", 48),
    "webm-opus-32": ("webm", "libopus", 32),
    "ogg-vorbis-64": ("ogg", "vorbis", 64),
}


def clip_of(samples: Signal, rate: int, container: str, codec: str, kbps: int = 0) -> Transcoded:
    return transcode(file_of(samples, rate, container, codec, kbps), "greeting")


@pytest.fixture(scope="module")
def speech() -> tuple[Signal, Signal]:
    """Eight seconds of a real person at 48 kHz, and at 8 kHz in double precision."""
    samples, rate = real_speech("two_cities", 8.0)
    assert rate == 48_000
    return samples, measuring.resampled(samples, rate)


@pytest.mark.parametrize("coding", LOSSLESS)
def test_it_keeps_real_speech(coding: str, speech: tuple[Signal, Signal]) -> None:
    clip = clip_of(speech[0], 48_000, *LOSSLESS[coding])
    assert measuring.snr_db(clip.mulaw, speech[1]) >= 30


@pytest.mark.parametrize("name", ["beckett", "clone-test"])
def test_it_keeps_other_voices_at_other_rates(name: str) -> None:
    """One needs 2 dB of its peaks held, the other has a 200th of its energy above 3.8 kHz."""
    samples, rate = real_speech(name)
    clip = clip_of(samples, rate, "wav", "pcm_s16le")
    assert measuring.snr_db(clip.mulaw, measuring.resampled(samples, rate)) >= 30


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("coding", ["wav", "flac"])
def test_it_keeps_a_tone(coding: str, rate: int) -> None:
    clip = clip_of(tone(1_000, rate), rate, *LOSSLESS[coding])
    assert measuring.snr_db(clip.mulaw, tone(1_000, 8_000)) >= 30


@pytest.mark.parametrize("coding", LOSSY)
def test_it_keeps_what_a_lossy_format_kept(coding: str, speech: tuple[Signal, Signal]) -> None:
    clip = clip_of(speech[0], 48_000, *LOSSY[coding])
    assert measuring.correlation(clip.mulaw, speech[1]) > 0.98


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("coding", LOSSLESS)
def test_it_takes_a_tone_above_the_band_for_silence(coding: str, rate: int) -> None:
    with pytest.raises(TranscodingError) as refused:
        clip_of(tone(6_000, rate), rate, *LOSSLESS[coding])
    assert refused.value.refusal.reason is Reason.SILENT


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_nothing_of_a_tone_above_the_band_is_left_beside_one_within(rate: int) -> None:
    """Neither at 2 kHz, where it would be folded to, nor as a click at either end."""
    both = tone(6_000, rate) + tone(1_000, rate)
    clip = clip_of(both, rate, "wav", "pcm_s16le")
    got, wanted = measuring.aligned(clip.mulaw, tone(1_000, 8_000))
    level = np.sqrt(np.square(wanted).mean())
    once = clip_of(tone(1_000, rate), rate, "wav", "pcm_s16le")
    unavoidable = np.abs(np.subtract(*measuring.aligned(once.mulaw, tone(1_000, 8_000)))).max()
    # Mu-law itself errs by up to 34 dB below the peaks; beyond that, 40 dB down in every sample.
    assert np.abs(got - wanted).max() <= unavoidable + level / 100
    windows = got[: len(got) // 400 * 400].reshape(-1, 400) * np.hanning(400)
    spectra = np.abs(np.fft.rfft(windows, axis=1))
    assert spectra[:, 98:103].max() <= spectra[:, 50].min() / 100


def test_a_loud_tone_above_the_band_leaves_speech_as_it_was(speech: tuple[Signal, Signal]) -> None:
    samples = speech[0][: 4 * 48_000]
    clip = clip_of(samples + tone(6_000, 48_000, 4.0, 0.3), 48_000, "wav", "pcm_s16le")
    assert measuring.snr_db(clip.mulaw, speech[1][:32_000]) >= 30


@pytest.mark.parametrize("name", ["beckett", "clone-test", "endgame_nagg_nell"])
@pytest.mark.parametrize("target", [-23.0, -19.0, -16.0])
def test_a_second_meter_finds_its_loudness_and_true_peak(name: str, target: float) -> None:
    data = measuring.recording_of_a_person(name).read_bytes()
    loudness, peak = measuring.metered(transcode(data, name, target_lufs=target).mulaw)
    assert loudness == pytest.approx(target, abs=0.5)
    assert peak <= -1.0


def test_an_offset_of_the_microphone_is_gone(speech: tuple[Signal, Signal]) -> None:
    """Else it would take headroom away and hide the silence at both ends."""
    samples = np.pad(speech[0][: 4 * 48_000], 48_000) + 0.4
    clip = clip_of(samples, 48_000, "wav", "pcm_s16le")
    assert clip.trimmed_start_ms >= 900
    assert abs(measuring.heard(clip.mulaw).mean()) < 1e-3
    assert measuring.snr_db(clip.mulaw, speech[1][:32_000]) >= 30


def test_channels_that_cancel_each_other_out_are_heard(speech: tuple[Signal, Signal]) -> None:
    samples = np.stack([speech[0], -speech[0]])
    clip = clip_of(samples, 48_000, "wav", "pcm_s16le")
    assert measuring.snr_db(clip.mulaw, speech[1]) >= 30


def test_what_was_cut_in_front_is_told(speech: tuple[Signal, Signal]) -> None:
    data = file_of(np.pad(tone(1_000, 48_000), 48_000), 48_000, "wav", "pcm_s16le")
    clip = transcode(data, "a.wav")
    assert clip.trimmed_start_ms == pytest.approx(980, abs=10)
    assert clip.duration_ms == pytest.approx(2_080, abs=20)


def test_a_single_word_is_levelled_too() -> None:
    quiet = clip_of(tone(500, 8_000, 0.3, 0.01), 8_000, "wav", "pcm_s16le")
    loud = clip_of(tone(500, 8_000, 0.3, 0.9), 8_000, "wav", "pcm_s16le")
    peaks = [np.abs(measuring.heard(clip.mulaw)).max() for clip in (quiet, loud)]
    assert peaks[0] == pytest.approx(peaks[1], rel=0.05)
    assert len(quiet.mulaw) % mulaw.FRAME_BYTES == 0
    assert max(peaks) <= levels.PEAK
