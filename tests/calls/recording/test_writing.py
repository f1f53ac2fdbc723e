"""The disk's side of a recording: private, safe from a killed process, and finished once."""

import io
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from django.core.files.storage import storages

from calls.models import RecordingState
from calls.recording import finish, finishing, running_files, shelf
from calls.recording.compressing import CompressionFailed
from calls.recording.finish import finish_recording
from calls.recording.running_files import RunningFile
from calls.recording.tracks import Stretch
from calls.recording.writer import RecordingWriter
from catalog import mulaw

pytestmark = pytest.mark.django_db

SID = "CA" + "f6" * 16
SECOND = bytes(range(200)) * 40
Told = list[tuple[str, str, str]]


@pytest.fixture
def expected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The recordings that wait to be finished: nobody finishes them behind the test's back."""
    waiting: list[str] = []
    monkeypatch.setattr(finishing.finisher, "expect", waiting.append)
    return waiting


@pytest.fixture
def writer(recording_dir: Path, told: Told, expected: list[str]) -> RecordingWriter:
    return RecordingWriter()


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5.0
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def states(told: Told) -> list[str]:
    return [state for _, state, _ in told]


def make(sid: str = SID, *, announced: bool = True, seconds: int = 2) -> Path:
    """A file as a killed process leaves it."""
    file = RunningFile.create(sid, announced=announced)
    stretch = Stretch(0, SECOND * seconds, ())
    file.append(stretch.interleaved())
    file.close()
    return file.path


def decoded(data: bytes) -> np.ndarray:  # type: ignore[type-arg]
    with av.open(io.BytesIO(data)) as file:
        assert (file.streams[0].rate, file.streams[0].channels) == (16_000, 2)
        return np.concatenate([frame.to_ndarray() for frame in file.decode(audio=0)], axis=1)


def test_it_is_written_while_the_call_runs_and_nobody_else_may_read_it(
    writer: RecordingWriter, recording_dir: Path, told: Told, expected: list[str]
) -> None:
    writer.begin(SID, announced=True)
    assert writer.write(SID, Stretch(0, SECOND, ()))
    path = recording_dir / "running" / f"{SID}.mulaw"
    until(lambda: path.exists() and path.stat().st_size == 2 * len(SECOND))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finish_recording(SID)  # Its call still runs.
    assert expected == [] and states(told) == ["running"]
    writer.end(SID)
    until(lambda: expected == [SID])


def test_it_is_kept_once_the_announcement_was_heard_and_not_before(
    writer: RecordingWriter, recording_dir: Path, told: Told, expected: list[str]
) -> None:
    heard, unheard = SID, "CA" + "07" * 16
    for sid in (heard, unheard):
        writer.begin(sid, announced=False)
        writer.write(sid, Stretch(0, SECOND, ()))
    writer.announced(heard)
    for sid in (heard, unheard):
        writer.end(sid)
    until(lambda: len(expected) == 2)
    for sid in expected:
        finish_recording(sid)
    assert [(sid, state) for sid, state, _ in told[2:]] == [
        (heard, "compressing"),
        (heard, "ready"),
        (unheard, "withheld"),
    ]
    assert list((recording_dir / "running").iterdir()) == []
    assert not storages["recordings"].exists(shelf.name_of(unheard))


def test_a_disk_that_fails_costs_the_recording_alone(
    writer: RecordingWriter,
    recording_dir: Path,
    told: Told,
    expected: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_self: RunningFile, _audio: bytes) -> None:
        raise OSError(28, "No space left on device")

    writer.begin(SID, announced=True)
    with monkeypatch.context() as patched:
        patched.setattr(RunningFile, "append", full)
        writer.write(SID, Stretch(0, SECOND, ()))
        until(lambda: states(told) == ["running", "failed"])
    writer.write(SID, Stretch(8_000, SECOND, ()))
    writer.end(SID)
    other = "CA" + "18" * 16
    writer.begin(other, announced=True)
    writer.end(other)
    until(lambda: expected == [other])
    assert [path.stem for path in (recording_dir / "running").iterdir()] == [other]


def test_memory_does_not_pay_for_a_slow_disk(
    writer: RecordingWriter, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(RunningFile, "append", lambda _self, _audio: goes_on.wait(5.0))
    writer.begin(SID, announced=True)
    taken = 0
    while writer.write(SID, Stretch(0, bytes(80_000), ())):
        taken += 80_000
        assert taken < 20 << 20
    goes_on.set()
    until(lambda: writer.write(SID, Stretch(0, SECOND, ())))


def test_a_call_sid_that_is_no_name_makes_no_file(
    writer: RecordingWriter, recording_dir: Path, told: Told
) -> None:
    writer.begin("../../etc/passwd", announced=True)
    until(lambda: states(told) == ["failed"])
    assert list(recording_dir.rglob("*")) in ([], [recording_dir / "running"])


def test_what_is_finished_sounds_like_what_was_recorded(recording_dir: Path, told: Told) -> None:
    times = np.arange(3 * 8_000) / 8_000
    left, right = (
        mulaw.encode((8_000 * np.sin(2 * np.pi * hertz * times)).astype("<i2").tobytes())
        for hertz in (440, 1_000)
    )
    both = bytearray(2 * len(left))
    both[0::2], both[1::2] = left, right
    file = RunningFile.create(SID, announced=True)
    file.append(bytes(both))
    file.close()
    finish_recording(SID)
    (_, _, name) = told[-1]
    assert states(told) == ["compressing", "ready"]
    audio = decoded(storages["recordings"].open(name).read())
    assert abs(audio.shape[1] / 16_000 - 3.0) < 0.15
    for side, hertz in zip(audio, (440, 1_000), strict=True):
        middle = side[8_000:24_000]
        spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
        assert abs(int(spectrum.argmax()) - hertz) <= 2
    assert list((recording_dir / "running").iterdir()) == []
    kept = Path(storages["recordings"].path(name))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with pytest.raises(ValueError, match="no URL"):
        storages["recordings"].url(name)


def test_finishing_again_changes_nothing(recording_dir: Path, told: Told) -> None:
    make()
    finish_recording(SID)
    size = shelf.size_bytes(shelf.name_of(SID))
    finish_recording(SID)
    finish_recording("CA" + "99" * 16)
    assert states(told) == ["compressing", "ready"]
    assert shelf.size_bytes(shelf.name_of(SID)) == size


def test_a_storage_that_is_away_only_puts_it_off(
    recording_dir: Path, told: Told, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make()

    def away(_sid: str, _file: Path) -> str:
        raise ConnectionError("The bucket does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(shelf, "put", away)
        with pytest.raises(ConnectionError):
            finish_recording(SID)
    assert states(told) == ["compressing"]
    assert [path.name for path in (recording_dir / "running").iterdir()] == [path.name]
    finishing.finish_left_behind()
    assert expected == [], "not again at once"
    os.utime(path, (0, time.time() - 2 * finishing.AGAIN_SECONDS))
    finishing.finish_left_behind()
    assert expected == [SID]
    finish_recording(SID)
    assert states(told)[1:] == ["compressing", "ready"]


def test_what_cannot_be_compressed_says_so(
    recording_dir: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make()
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", "/bin/false")
        with pytest.raises(CompressionFailed):
            finish_recording(SID)
    assert states(told) == ["compressing"] and path.exists()


def test_a_recording_of_nothing_has_failed(recording_dir: Path, told: Told) -> None:
    path = make(seconds=0)
    finish_recording(SID)
    assert states(told) == ["failed"] and not path.exists()


def test_what_was_erased_meanwhile_is_not_kept(
    recording_dir: Path, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    make()
    monkeypatch.setattr(finish, "_is_erased", lambda _sid: True)
    finish_recording(SID)
    assert RecordingState.READY not in states(told)
    assert [path for path in recording_dir.rglob("*") if path.is_file()] == []


KILLED = """
import os, sys, time, django
from django.conf import settings
settings.configure(RECORDING_DIR=sys.argv[1])
from calls.recording.running_files import RunningFile
file = RunningFile.create(sys.argv[2], announced=sys.argv[3] == "announced")
file.append(b"\\x00\\xff" * 16_000)
print("written", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(("said", "outcome"), [("announced", "ready"), ("silent", "withheld")])
def test_the_recording_of_a_killed_process_is_finished_by_the_next(
    recording_dir: Path, told: Told, expected: list[str], said: str, outcome: str
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(recording_dir), SID, said], stdout=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdout.readline() == b"written\n"
    finish_recording(SID)
    assert told == [], "it is somebody's"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (path,) = (recording_dir / "running").iterdir()
    os.utime(path, (0, 0))
    finishing.finish_left_behind()
    assert expected == [SID]
    finish_recording(SID)
    assert states(told)[-1] == outcome
    assert list(running_files.left_behind(time.time())) == []
