"""A collector of traces: takes OTLP over HTTP, as protobuf, and keeps the spans."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class ReceivedSpan:
    service: str
    span: Span

    @property
    def name(self) -> str:
        return str(self.span.name)

    @property
    def about(self) -> dict[str, object]:
        return {
            it.key: getattr(it.value, it.value.WhichOneof("value") or "string_value")
            for it in self.span.attributes
        }

    @property
    def ms(self) -> float:
        return (self.span.end_time_unix_nano - self.span.start_time_unix_nano) / 1e6


@dataclass
class Collector:
    port: int = 0
    spans: list[ReceivedSpan] = field(default_factory=list)
    raw: bytes = b""

    def take(self, body: bytes) -> None:
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            said = {it.key: it.value.string_value for it in resource.resource.attributes}
            for scope in resource.scope_spans:
                service = said.get("service.name", "")
                self.spans += [ReceivedSpan(service, span) for span in scope.spans]

    def of_call(self, call_sid: str) -> list[ReceivedSpan]:
        """The spans of the trace of this call."""
        traces = {
            it.span.trace_id for it in self.spans if it.about.get("conversation.id") == call_sid
        }
        return [it for it in self.spans if it.span.trace_id in traces]


@contextmanager
def running_collector() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces"
            collector.take(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, name="collector", daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
