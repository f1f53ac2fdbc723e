"""Stereo mu-law to MP3, in a process of its own that lets every call go before it.

MP3 plays in every browser. Its frames are of one size here (CBR), so that a player finds a moment
by counting bytes; at 16 kHz, since 8 kHz is MPEG 2.5, which some players refuse. This module is the
process, too: it must import neither Django nor anything else of ours.
"""

import os
import subprocess
import sys
from pathlib import Path

BIT_RATE = 48_000
NICEST = 19
DEADLINE_SECONDS = 7_200.0  # four hours of audio take two minutes of an idle core


class CompressionFailed(Exception):
    """The message names no call."""


def compress(source: Path, target: Path) -> None:
    """Raises CompressionFailed."""
    command = [sys.executable, "-m", "calls.recording.compressing", str(source), str(target)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=Path(__file__).resolve().parent.parent.parent,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            timeout=DEADLINE_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise CompressionFailed(type(error).__name__) from error
    if done.returncode != 0 or not target.exists():
        last_line = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise CompressionFailed(f"{done.returncode}: {last_line}")


def _compress_here(source: str, target: str) -> None:
    import av  # Only in the process of its own: its libraries take 40 MB.

    raw = {"sample_rate": "8000", "ch_layout": "stereo"}
    with (
        av.open(source, format="mulaw", options=raw) as read,
        av.open(target, "w", format="mp3") as written,
    ):
        stream = written.add_stream("libmp3lame", rate=16_000, layout="stereo")
        stream.bit_rate = BIT_RATE
        stream.options = {"compression_level": "7"}
        for frame in read.decode(audio=0):
            written.mux(stream.encode(frame))
        written.mux(stream.encode(None))


if __name__ == "__main__":
    os.nice(NICEST)
    os.umask(0o077)
    _compress_here(sys.argv[1], sys.argv[2])
