"""catalog/transcoding.py: good files become telephone audio, all others one sentence."""

import os
import struct
import subprocess

import numpy as np
import pytest

from catalog import levels, mulaw, transcoding
from catalog.transcoding import TranscodingError, transcode
from tests.catalog import broken_files
from tests.catalog.recordings import (
    FORMATS,
    film_without_sound,
    fragmented_mp4,
    recording,
    silence,
    voice,
    wav,
)


def loudest(audio: bytes) -> int:
    return int(np.abs(np.frombuffer(mulaw.decode(audio), "<i2").astype(int)).max())


@pytest.mark.parametrize("ending", FORMATS)
def test_it_takes_the_usual_formats(ending: str) -> None:
    clip = transcode(recording(ending, 1.5), f"Greeting.{ending.upper()}")
    assert clip.duration_ms == pytest.approx(1_500, abs=120)
    assert clip.duration_ms == len(clip.mulaw) // 8
    assert len(clip.mulaw) % mulaw.FRAME_BYTES == 0
    assert clip.loudness_before_lufs == pytest.approx(-28.5, abs=1)
    assert clip.loudness_after_lufs == pytest.approx(levels.TARGET_LUFS, abs=0.5)


def test_it_cuts_silence_and_holds_peaks() -> None:
    spoken = voice(1.0, 8_000, 0.01)
    spoken[4_000] = 1.0
    quiet = silence(1.0, 8_000)
    clip = transcode(wav(np.concatenate([quiet, spoken, quiet]), 8_000), "a.wav")
    assert clip.duration_ms <= 1_100
    # The nearest mu-law code to -1 dBFS is 29,052.
    assert loudest(clip.mulaw) <= 29_052


def test_it_takes_raw_mulaw_as_it_is() -> None:
    raw = mulaw.encode((voice(1.0, 8_000) * 32_767).astype("<i2").tobytes())[:-1]
    clip = transcode(raw, "greeting.ulaw")
    assert clip.mulaw == raw + b"\xff"
    assert clip.loudness_before_lufs is not None


def test_it_is_not_taken_in_by_a_wrong_ending() -> None:
    assert transcode(wav(voice(1.0, 8_000), 8_000), "greeting.ulaw").duration_ms == 1_000


def test_it_reads_a_wav_that_was_streamed_and_never_got_its_length() -> None:
    streamed = bytearray(wav(voice(1.0, 8_000), 8_000))
    streamed[4:8] = streamed[40:44] = b"\xff\xff\xff\xff"
    assert transcode(bytes(streamed), "a.wav").duration_ms == 1_000


def header(rate: int, channels: int, data: bytes, code: int = 1, bits: int = 16) -> bytes:
    step = channels * bits // 8
    described = (16, code, channels, rate, rate * step % 2**32, step % 2**16, bits)
    return (
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt "
        + struct.pack("<IHHIIHH", *described) + b"data" + struct.pack("<I", len(data)) + data
    )  # fmt: skip


REFUSED = {
    "nothing": (b"", "empty"),
    "noise": (os.urandom(100_000), "not a sound file"),
    "text": (b"Dear caller, " * 1_000, "not a sound file"),
    "pdf": (b"%PDF-1.4\n" + b"\0" * 50_000, "not a sound file"),
    "zip": (b"PK\x03\x04" + b"\0" * 50_000, "not a sound file"),
    "playlist": (b"#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n", "not a sound"),
    "file list": (b"ffconcat version 1.0\nfile '/etc/hostname'\n", "not a sound file"),
    "too many bytes": (b"\0" * 10_000_001, "larger than 10 MB"),
    "too many seconds": (wav(voice(60.5, 8_000), 8_000), "longer than 60 seconds"),
    "silence": (wav(silence(2.0, 8_000), 8_000), "only silence"),
    "no samples": (wav(silence(0.0, 8_000), 8_000), "no sound"),
    "1 Hz": (header(1, 1, b"\1\2" * 5_000), "sample rate"),
    "4 GHz": (header(2**32 - 1, 1, b"\1\2" * 5_000), "damaged"),
    "0 Hz": (header(0, 1, b"\1\2" * 5_000), "damaged"),
    "65,535 channels": (header(8_000, 65_535, b"\1\2" * 500_000), "damaged"),
    "no channel": (header(8_000, 0, b"\1\2" * 5_000), "damaged"),
    "no numbers": (
        header(8_000, 1, np.full(16_000, np.nan, "<f4").tobytes(), 3, 32),
        "only silence",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses_with_a_sentence(name: str) -> None:
    data, sentence = REFUSED[name]
    with pytest.raises(TranscodingError, match=sentence):
        transcode(data, "greeting.wav")


@pytest.mark.parametrize("ending", ["wav", "mp3", "flac", "webm"])
def test_it_refuses_a_file_that_was_cut_off(ending: str) -> None:
    data = recording(ending, 3.0)
    with pytest.raises(TranscodingError, match=r"cut off or damaged: of 3\.\d seconds only"):
        transcode(data[: len(data) // 3], f"greeting.{ending}")


def test_it_tells_a_file_that_claims_hours_from_one_that_is_long() -> None:
    for name, data in broken_files.claims_of_ten_hours():
        with pytest.raises(TranscodingError, match=r"says that it is 1\d:\d\d:\d\d long"):
            transcode(data, name)


@pytest.mark.parametrize("ending", ["ogg", "opus", "aac", "m4a"])
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.97])
def test_it_refuses_what_ends_in_the_middle_of_the_sound(ending: str, kept: float) -> None:
    data = recording(ending, 5.0)
    with pytest.raises(TranscodingError, match="cut off|incomplete"):
        transcode(data[: int(len(data) * kept)], f"greeting.{ending}")


def test_it_takes_what_a_browser_recorded() -> None:
    """Chrome's recorder writes no duration, and no size of anything that is not yet finished."""
    webm = bytearray(recording("webm", 1.5))
    unknown_size = b"\x01" + b"\xff" * 7
    at = webm.index(b"\x18\x53\x80\x67") + 4
    webm[at : at + 8] = unknown_size
    at = webm.index(b"\x1f\x43\xb6\x75") + 4
    size_bytes = 9 - webm[at].bit_length()
    webm[at : at + size_bytes] = unknown_size[-size_bytes:] if size_bytes < 8 else unknown_size
    webm[at] = (1 << 9 - size_bytes) - 1
    at = webm.index(b"\x44\x89\x88")
    webm[at : at + 11] = b"\xec\x89" + bytes(9)  # void
    clip = transcode(bytes(webm), "recording.webm")
    assert clip.duration_ms == pytest.approx(1_500, abs=60)


def test_it_takes_what_safari_recorded() -> None:
    """Fragments of MP4, and no duration in their common header."""
    data = fragmented_mp4(1.5)
    assert b"moof" in data
    assert transcode(data, "recording.mp4").duration_ms == pytest.approx(1_500, abs=120)
    with pytest.raises(TranscodingError):
        transcode(data[: len(data) // 2], "recording.mp4")


def test_it_refuses_a_film_without_sound() -> None:
    with pytest.raises(TranscodingError, match="no sound in the file"):
        transcode(film_without_sound(), "film.mp4")


def test_raw_mulaw_may_begin_like_a_frame_of_mp3() -> None:
    quiet = b"\xff\xfb\x7e\xfe" * 100
    raw = quiet + mulaw.encode((voice(1.0, 8_000) * 32_767).astype("<i2").tobytes())
    assert transcode(raw, "greeting.ulaw").mulaw.startswith(raw)


@pytest.mark.parametrize("name", ["greeting.ulaw", "greeting.raw"])
def test_it_refuses_raw_mulaw_of_silence_and_of_more_than_a_minute(name: str) -> None:
    with pytest.raises(TranscodingError, match="silence"):
        transcode(b"\xff" * 8_000, name)
    with pytest.raises(TranscodingError, match="longer than 60 seconds"):
        transcode(b"\x80\x00" * 240_001, name)


@pytest.mark.parametrize(("channels", "spoken_on"), [(2, 1), (3, 0), (6, 2), (6, 5)])
def test_it_takes_what_is_on_one_of_many_channels(channels: int, spoken_on: int) -> None:
    samples = np.zeros((8_000, channels))
    samples[:, spoken_on] = voice(1.0, 8_000)
    data = (samples * 32_767).astype("<i2").tobytes()
    assert transcode(header(8_000, channels, data), "a.wav").duration_ms >= 900


@pytest.mark.parametrize("ending", FORMATS)
def test_it_survives_noise_in_the_middle_of_any_format(ending: str) -> None:
    """Accepted or refused, never anything else: a decoder once raised ValueError there."""
    damaged = bytearray(recording(ending, 2.0))
    noise = np.random.default_rng(7).integers(0, 256, len(damaged) // 6, dtype=np.uint8)
    damaged[len(damaged) // 2 : len(damaged) // 2 + len(noise)] = noise.tobytes()
    try:
        clip = transcode(bytes(damaged), f"greeting.{ending}")
    except TranscodingError as error:
        assert str(error).endswith(".")
    else:
        assert clip.mulaw


def test_it_gives_up_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcoding, "DEADLINE_SECONDS", 0.001)
    with pytest.raises(TranscodingError, match="too long"):
        transcode(recording("wav"), "greeting.wav")


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"[]\n",
        b"null\nabc",
        b"\xff\n",
        b"{}\n",
        b'"silent"\n',
        b'{"reason": "mine"}\n',
        b"[" * 9_999,
    ],
)
def test_it_does_not_trust_the_decoder_either(
    reply: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answering(command: list[str], stdout: int, **_: object) -> subprocess.CompletedProcess[str]:
        stdout.write(reply)  # type: ignore[attr-defined]
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(transcoding.subprocess, "run", answering)
    with pytest.raises(TranscodingError, match="cannot be read"):
        transcode(recording("wav"), "greeting.wav")
