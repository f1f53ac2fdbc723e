"""Calls the site from a thread, and tells what the caller heard."""

import asyncio
import wave
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog import mulaw
from rehearsal.caller import CallReport, CallScript, HangUp, SimulatedCaller, Target, WaitForAgent
from rehearsal.caller.script import DEFAULT_FROM_NUMBER, Step
from tests.catalog.measuring import correlation

LISTEN: tuple[Step, ...] = (WaitForAgent("finished"), HangUp())


@dataclass(frozen=True, slots=True)
class HeardCall:
    """`samples` are 16-bit, 8 kHz, from the stream's start until its end."""

    report: CallReport
    samples: bytes

    def has_exactly(self, clip: bytes) -> bool:
        """Whether every sample of a mu-law clip was heard, in order, with nothing in between."""
        return mulaw.decode(clip) in self.samples

    def correlates_with(self, clip: bytes) -> float:
        """At the delay at which they agree most, over the whole clip."""
        wanted = np.frombuffer(mulaw.decode(clip), dtype="<i2") / 32_768
        return correlation(mulaw.encode(self.samples), wanted)


def call(
    target: Target, folder: Path, *steps: Step, from_number: str = DEFAULT_FROM_NUMBER
) -> HeardCall:
    """From any thread: a browser under test has an event loop of its own in the test's."""
    with ThreadPoolExecutor(1, thread_name_prefix="telephone") as telephone:
        return telephone.submit(_call, target, folder, steps or LISTEN, from_number).result(90.0)


def _call(target: Target, folder: Path, steps: tuple[Step, ...], from_number: str) -> HeardCall:
    script = CallScript("browser", steps, from_number=from_number, limit_seconds=60.0)
    report = asyncio.run(SimulatedCaller(target).call(script, folder))
    assert report.ok, report.failures
    assert report.wav_path is not None
    with wave.open(report.wav_path) as recording:
        both = np.frombuffer(recording.readframes(recording.getnframes()), dtype="<i2")
    return HeardCall(report, both[1::2].tobytes())
