"""catalog/decode_worker.py: what the process that meets foreign files may not do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.catalog.recordings import FORMATS, film_without_sound, recording

ROOT = Path(__file__).resolve().parents[2]

LIMITED = """
import resource, socket, sys
from catalog import decode_worker
decode_worker.limit_resources()
{attempt}
"""


def attempt(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LIMITED.format(attempt=code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def answer_to(data: bytes) -> tuple[bytes, bytes]:
    finished = subprocess.run(
        [sys.executable, "-m", "catalog.decode_worker"],
        input=data,
        cwd=ROOT,
        env={},
        capture_output=True,
        timeout=30,
        check=True,
    )
    head, _, body = finished.stdout.partition(b"\n")
    return head, body


def test_it_cannot_take_all_the_memory() -> None:
    assert "MemoryError" in attempt("bytearray(600 << 20)").stderr


def test_it_cannot_fill_the_disk(tmp_path: Path) -> None:
    code = LIMITED.format(attempt="sys.stdout.write('x' * (5 << 20)); sys.stdout.flush()")
    with (tmp_path / "big").open("wb") as answer:
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, stdout=answer, timeout=30, check=False
        )
    assert (tmp_path / "big").stat().st_size <= 4 << 20


@pytest.mark.parametrize(
    "code", ["open('/etc/hostname')", "import socket; socket.socket()", "import os; os.pipe()"]
)
def test_it_can_open_no_file_and_no_connection(code: str) -> None:
    assert "Too many open files" in attempt(code).stderr


def test_it_has_a_limit_of_processor_time() -> None:
    printed = attempt("sys.stdout.write(str(resource.getrlimit(resource.RLIMIT_CPU)))").stdout
    assert printed == "(20, 20)"


@pytest.mark.parametrize("ending", FORMATS)
def test_it_answers_with_one_line_and_samples(ending: str) -> None:
    head, body = answer_to(recording(ending, 1.0))
    assert json.loads(head) is None
    assert len(body) / 4 == pytest.approx(8_000, abs=900)


def test_it_answers_with_the_reason_of_a_refusal() -> None:
    """A film's picture is looked at by code of its own: that, too, is loaded before the limits."""
    head, body = answer_to(film_without_sound())
    assert json.loads(head)["reason"] == "no audio stream"
    assert body == b""


def test_the_serving_process_never_loads_a_decoder() -> None:
    code = "import sys, catalog.transcoding; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
