"""catalog/decode_worker.py: what the process that meets foreign files may not do."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.catalog.recordings import recording

ROOT = Path(__file__).resolve().parents[2]

LIMITED = """
import resource, sys
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


def test_it_cannot_take_all_the_memory() -> None:
    assert "MemoryError" in attempt("bytearray(600 << 20)").stderr


def test_it_cannot_fill_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "big"
    assert attempt(f"open({str(file)!r}, 'wb').write(bytes(5 << 20))").returncode != 0
    assert file.stat().st_size <= 4 << 20


def test_it_has_a_limit_of_processor_time() -> None:
    printed = attempt("sys.stdout.write(str(resource.getrlimit(resource.RLIMIT_CPU)))").stdout
    assert printed == "(20, 20)"


@pytest.mark.parametrize("ending", ["mp3", "m4a"])
def test_it_answers_with_one_line_and_samples(ending: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "catalog.decode_worker", "60"],
        input=recording(ending, 1.0),
        cwd=ROOT,
        env={},
        capture_output=True,
        timeout=30,
        check=True,
    )
    head, _, body = finished.stdout.partition(b"\n")
    assert json.loads(head) == {"problem": None}
    assert len(body) / 4 == pytest.approx(8_000, abs=900)


def test_the_serving_process_never_loads_a_decoder() -> None:
    code = "import sys, catalog.transcoding; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
