"""The same calls on every server that the documents name."""

import asyncio
import os
import signal
import threading
import time

import pytest

from rehearsal.caller import CallReport, CallScript, Hear, SimulatedCaller, Speak, WaitForAgent
from rehearsal.caller.script import HangUp, Step, WaitForHangup
from tests.servers.running_server import ROOT, Installation, RunningServer, running

SERVERS = {
    "serve": ("manage.py", "serve", "--port", "{port}"),
    "voice only": ("manage.py", "serve", "--role", "voice", "--port", "{port}"),
    "daphne": ("-m", "daphne", "-p", "{port}", "voiceagent.asgi:application"),
    "uvicorn": ("-m", "uvicorn", "--port", "{port}", "voiceagent.asgi:application"),
    "runserver": ("manage.py", "runserver", "--noreload", "127.0.0.1:{port}"),
}


def call(server: RunningServer, *steps: Step) -> CallReport:
    script = CallScript("test", steps, limit_seconds=60.0)
    return asyncio.run(SimulatedCaller(server.target).call(script))


@pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS.keys())
def test_it_serves_a_call_from_greeting_to_goodbye(
    installation: Installation, command: tuple[str, ...]
) -> None:
    with running(installation, *command) as server:
        server.wait_until_ready()
        report = call(server, WaitForAgent("finished"), Speak("goodbye"), WaitForHangup())
        assert report.ok, (report.failures, server.log.read_text())
        assert report.first_audio_ms is not None and report.first_audio_ms < 500
        assert server.warm_ups() == 1
    record = installation.record(report.call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "agent")
    assert record["timings"]["agent_ready_ms"] < 5_000


def test_it_warms_up_again_when_runserver_reloads(installation: Installation) -> None:
    with running(installation, "manage.py", "runserver", "127.0.0.1:{port}") as server:
        server.wait_until_ready()
        assert server.warm_ups() == 1, "the reloader's parent must not warm up"
        os.utime(ROOT / "calls" / "views.py")
        wait_for(lambda: server.warm_ups() == 2)
        server.wait_until_ready()
        assert call(server, Hear(0.5), HangUp()).ok


def test_it_answers_503_until_it_is_warm(installation: Installation) -> None:
    with running(installation, *SERVERS["uvicorn"]) as server:
        wait_for(lambda: "running on" in server.log.read_text().lower())
        early = call(server, WaitForAgent("started"), HangUp())
        assert server.warm_ups() == 0, "too late to see it"
        assert "503" in early.error
        server.wait_until_ready()


def test_it_closes_the_rows_of_calls_in_progress_when_it_is_stopped(
    installation: Installation,
) -> None:
    reports: list[CallReport] = []
    with running(installation, *SERVERS["serve"]) as server:
        server.wait_until_ready()
        calling = threading.Thread(
            target=lambda: reports.append(call(server, WaitForHangup(deadline_seconds=40)))
        )
        calling.start()
        time.sleep(1.5)  # in the middle of the greeting
        os.killpg(server.process.pid, signal.SIGTERM)
        assert server.process.wait(20.0) == 0
        calling.join(20.0)
    record = installation.record(reports[0].call_sid)
    assert (record["status"], record["ended_by"]) == ("completed", "drain")


def test_it_says_so_when_its_port_is_taken(installation: Installation) -> None:
    with running(installation, *SERVERS["serve"]) as first:
        first.wait_until_ready()
        with running(installation, "manage.py", "serve", "--port", str(first.port)) as second:
            assert second.process.wait(20.0) == 1
            assert "is another server running?" in second.log.read_text()


def wait_for(holds: object, timeout_seconds: float = 60.0) -> None:
    assert callable(holds)
    deadline = time.monotonic() + timeout_seconds
    while not holds():
        assert time.monotonic() < deadline, "that did not happen in time"
        time.sleep(0.1)
