"""What runs the speech models tells nobody about it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.servers.running_server import ROOT

LOADS = (
    "import voiceagent.env, time; from pipecat.audio.vad.silero import SileroVADAnalyzer; "
    "SileroVADAnalyzer(sample_rate=8000); time.sleep(0.5)"
)


def test_the_speech_models_leave_nothing_in_the_home_folder(tmp_path: Path) -> None:
    """What would be sent is kept there first; the runtime stays silent by itself in CI."""
    told = {name: value for name, value in os.environ.items() if name not in {"CI", "TF_BUILD"}}
    environment = {**told, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", LOADS], cwd=ROOT, env=environment, check=True)
    left = [str(it) for it in tmp_path.rglob("*") if it.is_file()]
    assert [it for it in left if "onnx" in it or "deviceid" in it] == []
