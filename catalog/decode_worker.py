"""Decodes one untrusted sound file in a process of its own: a file on stdin, samples on stdout.

Answers with one line of JSON (a Refusal's fields, or null), then 8 kHz mono float32 samples.
"""

import dataclasses
import importlib
import json
import resource
import sys

from catalog.decoding import decoded
from catalog.refusals import Refused

CPU_SECONDS = 20
MEMORY_BYTES = 512 << 20
ANSWER_BYTES = 4 << 20  # 60 s of samples are 1.9 MB

# These are imported on their first use, when no file may be opened any more.
_LOADED_LATE = (
    "av.audio.codeccontext",
    "av.subtitles.codeccontext",
    "av.subtitles.stream",
    "av.video.codeccontext",
    "numpy.fft",
)


def main() -> None:
    for module in _LOADED_LATE:
        importlib.import_module(module)
    limit_resources()
    head, body = answer(sys.stdin.buffer.read())
    sys.stdout.buffer.write(head + b"\n" + body)


def limit_resources() -> None:
    """No more memory, time, files, sockets or processes than one recording needs."""
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),  # What is open stays open: stdin and stdout.
        (resource.RLIMIT_NPROC, 0),  # Has no effect on root.
    ):
        resource.setrlimit(limit, (most, most))


def answer(data: bytes) -> tuple[bytes, bytes]:
    try:
        return b"null", decoded(data).astype("<f4").tobytes()
    except Refused as refused:
        return json.dumps(dataclasses.asdict(refused.refusal)).encode(), b""


if __name__ == "__main__":
    main()
