"""nginx with this project's own configuration, as deploy/nginx/voiceagent.conf has it.

Changed are the ports and the certificate, and nothing else, unless a test says so.
"""

import os
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parents[1] / "deploy" / "nginx" / "voiceagent.conf"
OF_CONFIGURATION = ("127.0.0.1:8001", "127.0.0.1:8002")
MAIN = """
{user}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log info;
events {{ worker_connections 1024; }}
http {{
    log_format tried '$request_method $uri $status | $upstream_status | $upstream_addr';
    access_log {folder}/nginx-access.log tried;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    include {folder}/voiceagent.conf;
}}
"""


@dataclass(frozen=True)
class Answered:
    """One request, as the access log has it."""

    method: str
    path: str
    status: int
    tried: tuple[str, ...]  # the statuses of the servers that were asked, in order


@dataclass(frozen=True)
class RunningNginx:
    folder: Path
    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def errors(self) -> str:
        return (self.folder / "nginx-error.log").read_text()

    def answered(self) -> list[Answered]:
        """Every request that is over; a media stream is one, when its call has ended."""
        found = []
        for line in (self.folder / "nginx-access.log").read_text().splitlines():
            request, tried, _addresses = line.split(" | ")
            method, path, status = request.split(" ")
            found.append(Answered(method, path, int(status), tuple(re.split(r"[,:] +", tried))))
        return found

    def statuses(self) -> Counter[int]:
        return Counter(answered.status for answered in self.answered())


def adapted(port: int, servers: Sequence[int], changes: Sequence[tuple[str, str]] = ()) -> str:
    """The configuration for these ports, without TLS. Each change has to find what it replaces."""
    text = CONFIGURATION.read_text()
    assert len(servers) == len(OF_CONFIGURATION)
    replaced = [
        *zip(OF_CONFIGURATION, (f"127.0.0.1:{server}" for server in servers), strict=True),
        ("    listen 80;\n    listen [::]:80;\n", f"    listen 127.0.0.1:{free_port()};\n"),
        ("    listen 443 ssl;\n    listen [::]:443 ssl;\n", f"    listen 127.0.0.1:{port};\n"),
        *changes,
    ]
    for before, after in replaced:
        assert before in text, before
        text = text.replace(before, after)
    return re.sub(r"(?m)^ +ssl_certificate.*\n", "", text)


@contextmanager
def running_nginx(
    folder: Path,
    servers: Sequence[int],
    *,
    port: int = 0,
    changes: Sequence[tuple[str, str]] = (),
) -> Iterator[RunningNginx]:
    """nginx before the servers at these ports, until the block ends."""
    port = port or free_port()
    (folder / "voiceagent.conf").write_text(adapted(port, servers, changes))
    main = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    main.write_text(MAIN.format(folder=folder, user=user))
    process = subprocess.Popen(
        ["nginx", "-p", str(folder), "-c", str(main), "-e", str(folder / "nginx-error.log")],
        stdin=subprocess.DEVNULL,
    )
    nginx = RunningNginx(folder, port)
    try:
        _wait_until_it_listens(nginx, process)
        yield nginx
    finally:
        process.terminate()
        process.wait(10.0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_listens(nginx: RunningNginx, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 10.0
    while True:
        assert process.poll() is None, nginx.errors
        try:
            socket.create_connection(("127.0.0.1", nginx.port), timeout=1.0).close()
            return
        except OSError:
            assert time.monotonic() < deadline, nginx.errors
            time.sleep(0.05)
