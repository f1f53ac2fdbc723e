"""Start a server of this folder on a port, kill it, start it again on the same port."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rehearsal.demo.environment import free_port

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent.parent
START_SECONDS = 20.0


class RemoteServer:
    """A process that listens on a port of 127.0.0.1."""

    def __init__(self, script: str, *arguments: str) -> None:
        self.port = free_port(0)
        self._command = [sys.executable, str(FOLDER / script), str(self.port), *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/mcp"

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "the server ended at once"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the server does not listen")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10.0)
            self._process = None

    def freeze(self) -> None:
        """From now on it takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def running(script: str = "crm_server.py", *arguments: str) -> Iterator[RemoteServer]:
    server = RemoteServer(script, *arguments)
    server.start()
    try:
        yield server
    finally:
        server.kill()
