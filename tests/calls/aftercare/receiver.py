"""A web server that takes webhooks and answers as a test wants."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HANGS = 0  # takes the message and says nothing until it is let go
HUGE, DRIPPING = 1, 2  # 10 MB of an answer; a header that does not end
HANGS_SECONDS = 60.0


@dataclass
class Receiver:
    """`answers` are given in turn, the last one for ever; `got` are headers and body."""

    answers: list[int]
    port: int = 0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}/calls"

    @property
    def ids(self) -> list[str]:
        return [headers["x-voiceagent-delivery"] for headers, _body in list(self.got)]

    def next_answer(self) -> int:
        return self.answers[min(len(self.got), len(self.answers)) - 1]


class _Handler(BaseHTTPRequestHandler):
    told: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.got.append(({name.lower(): text for name, text in self.headers.items()}, body))
        status = self.told.next_answer()
        try:
            if status == HANGS:
                self.told.let_go.wait(HANGS_SECONDS)
                self._answer(204, 0)
            elif status == DRIPPING:
                self._drip()
            else:
                self._answer(200 if status == HUGE else status, 10_000_000 * (status == HUGE))
        except (BrokenPipeError, ConnectionResetError):
            pass  # They would not wait for it.

    def _answer(self, status: int, size: int) -> None:
        self.send_response(status)
        self.send_header("Location", self.told.url)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(b"x" * size)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not self.told.let_go.wait(0.05):
            self.wfile.write(b"x")

    def log_message(self, *_args: object) -> None:
        """Nothing on stderr."""


@contextmanager
def receiving(*answers: int) -> Iterator[Receiver]:
    told = Receiver(list(answers))
    handler = type("Handler", (_Handler,), {"told": told})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5.0)
