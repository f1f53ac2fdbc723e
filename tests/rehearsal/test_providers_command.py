"""`manage.py providers`, as a process of its own."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DEADLINE_SECONDS = 30


async def start(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "manage.py", "providers", "--ears", "typed", "--voice", "tone"),
        *arguments,
        cwd=ROOT,
        stdout=PIPE,
        stderr=PIPE,
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_what_it_serves_and_ends_when_asked(stop: signal.Signals) -> None:
    process = await start("--port", "0")
    async with asyncio.timeout(DEADLINE_SECONDS):
        lines = [(await process.stdout.readline()).decode()]
        while "nothing here is an AI" not in lines[-1]:
            lines.append((await process.stdout.readline()).decode())
        port = int(lines[0].split(":")[2].split()[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        process.send_signal(stop)
        _out, complaints = await process.communicate()
        writer.close()
    assert process.returncode == 0
    assert complaints == b""
    said = "".join(lines)
    for part in ("scripted-receptionist", "typed", "tone", "/stt/websocket", "/rehearsal/log"):
        assert part in said


async def test_it_says_in_a_sentence_that_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await start("--port", str(port))
        async with asyncio.timeout(DEADLINE_SECONDS):
            _out, complaints = await process.communicate()
    assert process.returncode == 1
    assert complaints.decode().strip() == (
        f"CommandError: Port {port} is taken. "
        "Stop what listens there, or choose another: --port 8092."
    )


async def test_it_refuses_an_impossible_latency() -> None:
    process = await start("--port", "0", "--twilio-ms", "-5")
    async with asyncio.timeout(DEADLINE_SECONDS):
        _out, complaints = await process.communicate()
    assert process.returncode == 1
    assert b"twilio_ms is from 0" in complaints
