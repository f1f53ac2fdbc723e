"""`manage.py serve` is told to stop while people are on the telephone."""

import asyncio
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from catalog.spoken_fallbacks import Moment, fallback
from rehearsal.caller import (
    CallIdentity,
    HandshakeRefused,
    HangUp,
    Hear,
    MessageWriter,
    Pause,
    Speak,
    WaitForHangup,
    open_stream,
)
from rehearsal.caller.script import Step
from rehearsal.caller.webhooks import signature
from tests.browser.telephone import HeardCall, call
from tests.servers.raw_http import connected, head
from tests.servers.running_server import Installation, RunningServer, running
from tests.whole_call.raw_stream import RawCall, ring

SERVE = ("manage.py", "serve", "--port", "{port}")
TALK: tuple[Step, ...] = (
    Hear(1.5),
    Speak("ask-hours", interrupting=True),
    Hear(0.5),
    Speak("goodbye", interrupting=True),
    WaitForHangup(),
)
GOODBYE = fallback(Moment.GOODBYE, "en")
# Leaves the process with what it has to say, at most.
QUICK_SECONDS = GOODBYE.duration_ms / 1000.0 + 6.0


@dataclass(frozen=True)
class PatientInstallation(Installation):
    drain_timeout: float = 120.0

    def environment(self, port: int) -> dict[str, str]:
        return {**super().environment(port), "DRAIN_TIMEOUT": str(self.drain_timeout)}


@contextmanager
def patient(installation: Installation, seconds: float = 120.0) -> Iterator[RunningServer]:
    """A server whose calls may go on for so long."""
    lasting = PatientInstallation(installation.folder, installation.providers_url, seconds)
    with running(lasting, *SERVE) as server:
        server.wait_until_ready()
        yield server


@contextmanager
def on_the_line(server: RunningServer, folder: Path, *steps: Step) -> Iterator["Future[HeardCall]"]:
    """A call that the server has begun to carry."""
    with ThreadPoolExecutor(1) as telephone:
        talking = telephone.submit(call, server.target, folder, *steps)
        wait_until(lambda: "live_calls 1.0" in page(server, "/metrics")[1])
        yield talking


def page(server: RunningServer, path: str) -> tuple[int, str]:
    answer = httpx2.get(f"{server.base_url}{path}", timeout=5.0)
    return answer.status_code, answer.text


def post(server: RunningServer, path: str) -> httpx2.Response:
    """A webhook about a call of its own, signed."""
    target = server.target
    form = CallIdentity("+12025550100", "+12025550199", target.account_sid).form("ringing")
    url = target.public_url(path)
    headers = {"X-Twilio-Signature": signature(target, url, form)}
    return httpx2.post(url, data=form, headers=headers, timeout=5.0)


def stop(server: RunningServer, by: signal.Signals = signal.SIGTERM) -> None:
    server.process.send_signal(by)
    wait_until(lambda: not server.ready())


def test_a_call_on_the_line_goes_on_to_its_end(installation: Installation, tmp_path: Path) -> None:
    with patient(installation) as server, on_the_line(server, tmp_path, *TALK) as talking:
        stop(server)
        heard = talking.result(60.0)
        assert heard.report.ok, heard.report.failures
        assert server.process.wait(10.0) == 0
    record = installation.record(heard.report.call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "agent")
    assert [run["name"] for run in record["tool_runs"]] == ["end_call"]


def test_new_calls_are_sent_elsewhere_at_once(installation: Installation, tmp_path: Path) -> None:
    steps = (Pause(5_000), HangUp())
    with patient(installation) as server, on_the_line(server, tmp_path, *steps) as talking:
        stop(server)
        status, readiness = page(server, "/readyz")
        assert (status, '"draining": true' in readiness) == (503, True)
        refused = post(server, "/incoming-call")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        url = server.target.public_url("/media-stream").replace("http", "ws", 1)
        with pytest.raises(HandshakeRefused) as handshake:
            asyncio.run(open_stream(server.target, url))
        assert handshake.value.status == 503
        # What Twilio says of running calls is still heard.
        assert post(server, "/call-status").status_code == 204
        assert "Hangup" in post(server, "/stream-ended").text
        assert page(server, "/healthz")[0] == 200
        assert not talking.done(), "too late to have seen it"
        assert talking.result(60.0).report.ended_by == "caller"


def test_a_call_whose_telephone_rang_before_is_still_answered(
    installation: Installation,
) -> None:
    async def ring_and_begin_later(server: RunningServer) -> RawCall:
        identity, verb = await ring(server)  # type: ignore[arg-type]
        await asyncio.to_thread(stop, server)
        assert server.process.poll() is None
        stream = await open_stream(server.target, verb.url)
        begun = RawCall(identity, verb, stream, MessageWriter(identity, "MZ" + "5" * 32))
        await begun.start()
        await begun.listen(1.0)
        await stream.close()
        return begun

    with patient(installation) as server:
        begun = asyncio.run(ring_and_begin_later(server))
        assert begun.sent_by_server("media"), "it was greeted"
        assert server.process.wait(20.0) == 0
    assert installation.record(begun.call_sid)["ended_by"] == "caller"


def test_the_second_signal_has_everybody_say_goodbye(
    installation: Installation, tmp_path: Path
) -> None:
    steps = (WaitForHangup(60.0),)
    with patient(installation) as server, on_the_line(server, tmp_path, *steps) as talking:
        stop(server, by=signal.SIGINT)
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        heard = talking.result(60.0)
        assert server.process.wait(10.0) == 0
        assert time.monotonic() - began < QUICK_SECONDS
    goodbye_was_heard(heard, installation)


def test_who_still_talks_when_the_time_is_over_hears_a_goodbye(
    installation: Installation, tmp_path: Path
) -> None:
    steps = (WaitForHangup(60.0),)
    with (
        patient(installation, seconds=1.5) as server,
        on_the_line(server, tmp_path, *steps) as talking,
    ):
        began = time.monotonic()
        stop(server)
        heard = talking.result(60.0)
        assert server.process.wait(10.0) == 0
        spoken_seconds = GOODBYE.duration_ms / 1000.0
        assert 1.5 + spoken_seconds < time.monotonic() - began < 1.5 + QUICK_SECONDS
    goodbye_was_heard(heard, installation)


def goodbye_was_heard(heard: HeardCall, installation: Installation) -> None:
    assert heard.has_exactly(GOODBYE.mulaw), "to its last sample"
    assert heard.report.ended_by == "server-rest"
    record: dict[str, Any] = installation.record(heard.report.call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "drain")
    assert record["transcript"][-1]["text"] == GOODBYE.text
    assert record["transcript"][-1]["interrupted"] is False


def test_with_nobody_on_the_line_it_ends_at_once(installation: Installation) -> None:
    with patient(installation) as server:
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10.0) == 0
        assert time.monotonic() - began < 4.0


def test_a_request_that_is_on_its_way_is_answered(installation: Installation) -> None:
    async def ask_while_it_stops(server: RunningServer) -> bytes:
        async with connected(server) as connection:
            await connection.send(head("POST", "/call-status", "Content-Length: 4") + b"a=")
            await asyncio.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(wait_until, lambda: not listens(server))
            await connection.send(b"12")
            return await connection.first_answer()

    with patient(installation) as server:
        answer = asyncio.run(ask_while_it_stops(server))
        assert answer.startswith(b"HTTP/1.1 403"), "nobody signed it, but it was read to its end"
        assert server.process.wait(10.0) == 0


def listens(server: RunningServer) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=2.0).close()
    except OSError:
        return False
    return True


def wait_until(holds: Any, timeout_seconds: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not holds():
        assert time.monotonic() < deadline, "that did not happen in time"
        time.sleep(0.05)
