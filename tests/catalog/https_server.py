"""A real https server, in a process of its own, that answers well, badly, late, or far too much.

Run as a program, it serves: argv is port, certificate, key. Imported, it starts such a process.
"""

import gzip
import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

JSON = "application/json"
ECHO_COUNT = {"requests": 0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(
        self, body: bytes, status: int = 200, content_type: str = JSON, **headers: str
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def any_method(self) -> None:
        ECHO_COUNT["requests"] += 1
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        name = self.path.split("?")[0].split("/")[1]
        getattr(self, f"page_{name}", self.page_echo)()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any_method

    def page_echo(self) -> None:
        seen = {
            "method": self.command,
            "path": self.path,
            "headers": dict(self.headers.items()),
            "body": self.body.decode(),
            "requests": ECHO_COUNT["requests"],
            "sni": getattr(self.connection, "asked_for", None),
        }
        self.answer(json.dumps(seen).encode())

    def page_status(self) -> None:
        status = int(self.path.split("/")[2])
        self.answer(json.dumps({"detail": "no such order"}).encode(), status)

    def page_redirect(self) -> None:
        self.answer(b"", 302, Location="/echo")

    def page_slow(self) -> None:
        time.sleep(30)

    def page_trickle(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(300):
            self.wfile.write(b" ")
            time.sleep(0.1)

    def page_size(self) -> None:
        self.answer(b"x" * int(self.path.split("/")[2]), content_type="text/plain")

    def page_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 4096)

    def page_bomb(self) -> None:
        self.answer(gzip.compress(bytes(200_000_000), 9), Content_Encoding="gzip")

    def page_gzip(self) -> None:
        self.answer(gzip.compress(b'{"packed": true}'), Content_Encoding="gzip")

    def page_halved(self) -> None:
        self.answer(gzip.compress(b'{"packed": true}' * 99)[:40], Content_Encoding="gzip")

    def page_brotli(self) -> None:
        self.answer(b"whatever", Content_Encoding="br")

    def page_twice(self) -> None:
        self.answer(gzip.compress(gzip.compress(b"1")), Content_Encoding="gzip, gzip")

    def page_text(self) -> None:
        self.answer("Olá".encode("latin-1"), content_type="text/plain; charset=ISO-8859-1")

    def page_deep(self) -> None:
        self.answer(b"[" * 30_000 + b"]" * 30_000)

    def page_half_a_character(self) -> None:
        self.answer(b'{"said": "\\ud800"}')

    def page_drop(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        pass


def serve(port: int, certificate: str, key: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def named(connection: ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
        connection.asked_for = name  # type: ignore[attr-defined]

    context.sni_callback = named  # type: ignore[assignment]
    server = Server(("127.0.0.1", port), Handler)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    server.serve_forever()


@dataclass
class HttpsServer:
    """One port, behind which a process can be killed and started again."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    def start(self) -> None:
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        self.process = subprocess.Popen(
            [sys.executable, __file__, str(self.port), str(certificate), str(key)]
        )
        until = time.monotonic() + 20.0
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


@contextmanager
def https_server(folder: Path) -> Iterator[HttpsServer]:
    from tests.catalog.certificates import write_certificates

    write_certificates(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = HttpsServer(port, folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3])
