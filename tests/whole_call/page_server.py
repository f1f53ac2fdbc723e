"""A web server whose pages say whatever a test wants, for HTTP tools to read."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOTHING = "There is nothing here."


@dataclass
class PageServer:
    """`requested` are the paths that were asked for, as they came over the wire."""

    pages: Mapping[str, str]
    port: int = 0
    requested: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def serving(pages: Mapping[str, str]) -> Iterator[PageServer]:
    """`/pages/NAME` is answered with that page."""
    told = PageServer(pages)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.requested.append(self.path)
            body = told.pages.get(self.path.removeprefix("/pages/"), NOTHING).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Nothing on stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5.0)
