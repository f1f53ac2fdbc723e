"""Typed ears: the clips that ship with the project, found again in received audio."""

import numpy as np
import pytest

from rehearsal.caller.mulaw import decode
from rehearsal.providers.ears.known_clips import KnownClipRecogniser
from rehearsal.providers.ears.mulaw import encode
from rehearsal.providers.pcm import Pcm
from rehearsal.speech import lines

NAMES = sorted(lines())


def silence(ms: int) -> bytes:
    return b"\xff" * (ms * 8)


def heard(mulaw: bytes) -> Pcm:
    return Pcm(decode(mulaw), 8_000)


def new_ear():
    return KnownClipRecogniser().new_ear("en")


def test_it_encodes_every_code_as_it_was() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)
    assert encode(decode(codes)) == codes
    assert encode(decode(b"\x7f")) == b"\xff"  # the other zero


@pytest.mark.parametrize("name", NAMES)
async def test_it_tells_the_text_of_a_clip(name: str) -> None:
    line = lines()[name]
    audio = silence(1_537) + line.audio + silence(211)
    assert await new_ear().understand(heard(audio)) == line.text


@pytest.mark.parametrize("name", NAMES)
async def test_it_tells_a_clip_by_its_words_alone(name: str) -> None:
    """A voice activity detector says stop while the soft end of a clip is still to come."""
    line = lines()[name]
    cut = line.audio[: -100 * 8]
    assert await new_ear().understand(heard(silence(300) + cut)) == line.text


async def test_it_tells_a_clip_once() -> None:
    ear = new_ear()
    line = lines()["ask-hours"]
    assert await ear.understand(heard(line.audio[: -80 * 8])) == line.text
    assert await ear.understand(heard(line.audio[-80 * 8 :] + silence(900))) == ""


async def test_it_gives_the_words_of_a_clip_as_they_come() -> None:
    ear = new_ear()
    line = lines()["and-saturday"]
    half = len(line.audio) // 320 * 160
    first = await ear.understand(heard(silence(500) + line.audio[:half]))
    rest = await ear.understand(heard(line.audio[half:] + silence(300)))
    assert first and rest
    assert f"{first} {rest}" == line.text


async def test_it_hears_the_same_clip_twice_when_it_is_said_twice() -> None:
    line = lines()["yes"]
    audio = line.audio + silence(400) + line.audio + silence(200)
    assert await new_ear().understand(heard(audio)) == f"{line.text} {line.text}"


async def test_it_hears_clips_in_the_order_they_were_said() -> None:
    first, second = lines()["no"], lines()["goodbye"]
    audio = first.audio + silence(200) + second.audio + silence(200)
    assert await new_ear().understand(heard(audio)) == f"{first.text} {second.text}"


async def test_it_hears_a_clip_though_frames_were_lost() -> None:
    line = lines()["book"]
    frames = [line.audio[start : start + 160] for start in range(0, len(line.audio), 160)]
    audio = b"".join(frame for number, frame in enumerate(frames) if number % 20 != 7)
    assert await new_ear().understand(heard(audio + silence(300))) == line.text


async def test_it_hears_nothing_in_silence_or_other_sounds() -> None:
    ear = new_ear()
    assert await ear.understand(heard(silence(60_000))) == ""
    noise = np.random.default_rng(1).normal(0, 3_000, 80_000).astype(np.int16)
    assert await ear.understand(Pcm(noise, 8_000)) == ""
    assert await ear.understand(Pcm(np.zeros(0, dtype=np.int16), 8_000)) == ""
