"""NumPy computes in the thread that asks it to: others would spin beside the event loop."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.running_server import ROOT

COUNTS = "import os, {before}; import numpy; print(len(os.listdir('/proc/self/task')))"


def threads(before: str) -> int:
    """Of a process that has imported NumPy behind that."""
    environment = {name: it for name, it in os.environ.items() if "NUM_THREADS" not in name}
    code = COUNTS.format(before=before)
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    return int(told.stdout)


@pytest.mark.skipif(
    not Path("/proc/self/task").exists() or (os.cpu_count() or 1) < 2,
    reason="Linux tells the threads of a process, and NumPy starts one less than there are cores",
)
def test_numpy_starts_no_threads_of_its_own() -> None:
    assert threads("sys") > 1, "else this shows nothing"
    assert threads("voiceagent.settings") == 1
