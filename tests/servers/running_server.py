"""A server in a process of its own, as operators start it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.caller import Target
from rehearsal.demo.environment import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
ACCOUNT_SID, AUTH_TOKEN = "AC" + "2" * 32, "the-token"


@dataclass(frozen=True)
class Installation:
    """A database and an environment, as one machine has them."""

    folder: Path
    providers_url: str

    def environment(self, port: int) -> dict[str, str]:
        return {
            **os.environ,
            "DEBUG": "true",
            "SECRET_KEY": "x" * 60,
            "DATABASE_URL": f"sqlite:///{self.folder / 'db.sqlite3'}",
            "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_API_BASE_URL": self.providers_url,
            "OFFLINE_PROVIDERS_URL": self.providers_url,
            "OPENAI_API_KEY": "",
            "CARTESIA_API_KEY": "",
            "CALL_LOG_DIR": str(self.folder / "call-log"),
            "TURN_DETECTION": "silence",
            "DRAIN_TIMEOUT": "0",  # A test that is over waits for nobody.
            "PYTHONUNBUFFERED": "1",
        }

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(8000),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def record(self, call_sid: str) -> dict[str, Any]:
        deadline = time.monotonic() + 10.0
        while True:
            record: dict[str, Any] = json.loads(self.manage("call_record", call_sid))
            if record["ended_at"] or time.monotonic() > deadline:
                return record


@dataclass(frozen=True)
class RunningServer:
    process: "subprocess.Popen[bytes]"
    port: int
    log: Path
    providers_url: str

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def target(self) -> Target:
        return Target(self.base_url, self.base_url, self.providers_url, ACCOUNT_SID, AUTH_TOKEN)

    def warm_ups(self) -> int:
        return len(re.findall(r"Warm-up took", self.log.read_text()))

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base_url}/readyz", timeout=2.0) as answer:
                return bool(json.load(answer)["ready"])
        except OSError:
            return False

    def wait_until_ready(self, timeout_seconds: float = 60.0) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not self.ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)


@contextmanager
def running(installation: Installation, *command: str, port: int = 0) -> Iterator[RunningServer]:
    """Run a command until the block ends; `{port}` in it is this port, or a free one."""
    port = port or free_port(0)
    log = installation.folder / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *(part.format(port=port) for part in command)],
            cwd=ROOT,
            env=installation.environment(port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield RunningServer(process, port, log, installation.providers_url)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20.0)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
