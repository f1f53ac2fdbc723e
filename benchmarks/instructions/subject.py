"""Some calls in the process that callgrind counts: `python -m benchmarks.instructions.subject`.

The real ASGI application, session and pipeline; the providers answer from another process. Only
what is between `counted()` is counted: the rest runs some ten times as fast.
"""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode, urlsplit

import django

from benchmarks.instructions.counts import (
    CALLS,
    FRAMES,
    NOTHING,
    SET_UP,
    SILENT,
    TALKING,
    WEBHOOK,
    Counting,
)
from benchmarks.instructions.reading import read_frames

PIECES_AT_ONCE, TURNS = 10, 60  # after so many frames, so many turns of the loop: all are through
PATIENCE_SECONDS = 300.0
GREETED_SECONDS = 4.0


async def rings(application: Any, identity: Any, counting: Counting) -> Any:
    """The signed webhook, as it comes from the server, and the answer's verb."""
    from channels.testing import HttpCommunicator
    from django.conf import settings

    from rehearsal.caller.twiml import read_twiml

    form = identity.form("ringing")
    body = urlencode(form).encode()
    signed = signature(f"{settings.PUBLIC_BASE_URL}/incoming-call", form)
    headers = [
        (b"host", urlsplit(settings.PUBLIC_BASE_URL).netloc.encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", str(len(body)).encode()),
        signed,
    ]
    webhook = HttpCommunicator(application, "POST", "/incoming-call", body, headers)
    with counting(WEBHOOK):
        answer = await webhook.get_response(timeout=PATIENCE_SECONDS)
    assert answer["status"] == 200, answer
    (verb,) = read_twiml(answer["body"].decode())
    return verb


def signature(url: str, form: Mapping[str, str]) -> tuple[bytes, bytes]:
    """As a header."""
    from django.conf import settings
    from twilio.request_validator import RequestValidator

    made = RequestValidator(settings.TWILIO_AUTH_TOKEN).compute_signature(url, form)
    return b"x-twilio-signature", str(made).encode()


@contextmanager
def counted(what: str) -> Iterator[None]:
    """Callgrind writes what was counted to a file that names `what`."""
    _callgrind("--instr=on")
    yield
    _callgrind("--instr=off")
    _callgrind(f"--dump={what}")


def uncounted(_what: str) -> AbstractContextManager[None]:
    """The first call: what is still to be loaded is on nobody's account."""
    return nullcontext()


def _callgrind(order: str) -> None:
    command = ["callgrind_control", order, str(os.getpid())]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


async def call(application: Any, ready: asyncio.Event, counting: Counting) -> None:
    """The phone rings, the greeting plays, nobody speaks, somebody speaks, and they ring off."""
    from channels.testing import WebsocketCommunicator

    from calls.live import live_calls
    from rehearsal.caller import CONNECTED, CallIdentity, MessageWriter, line
    from rehearsal.caller.stream_messages import SILENCE_PAYLOAD, frames

    account = os.environ["TWILIO_ACCOUNT_SID"]
    identity = CallIdentity("+12025550100", "+12025550199", account)
    with counting(NOTHING):
        pass
    verb = await rings(application, identity, counting)
    writer = MessageWriter(identity, f"MZ{token_hex(16)}")
    socket = WebsocketCommunicator(application, "/media-stream", [signature(verb.url, {})])
    await socket.connect(timeout=PATIENCE_SECONDS)
    await socket.send_to(text_data=CONNECTED)
    ready.clear()
    with counting(SET_UP):
        await socket.send_to(text_data=writer.start(dict(verb.parameters)))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await ready.wait()
    await asyncio.sleep(GREETED_SECONDS)  # Nobody listens for an echo of it any more.
    with counting(SILENT):
        await _send(socket, writer, [SILENCE_PAYLOAD] * FRAMES)
    with counting(TALKING):
        await _send(socket, writer, frames(line("ask-hours").audio)[:FRAMES])
    await socket.send_to(text_data=writer.stop())
    await _until(lambda: identity.call_sid not in live_calls)
    await socket.disconnect(timeout=PATIENCE_SECONDS)


async def _send(socket: Any, writer: Any, payloads: Sequence[str]) -> None:
    assert len(payloads) == FRAMES
    for number, payload in enumerate(payloads, 1):
        await socket.send_to(text_data=writer.media(payload))
        if number % PIECES_AT_ONCE == 0:
            for _ in range(TURNS):
                await asyncio.sleep(0)


async def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.1)


async def main() -> None:
    from calls.line import CallLine
    from voiceagent.asgi import application

    lines: Any = CallLine
    ready, usual = asyncio.Event(), lines.agent_is_ready

    def told(line: CallLine) -> None:
        usual(line)
        ready.set()

    lines.agent_is_ready = told
    for number in range(CALLS + 1):
        counting = counted if number else uncounted
        await call(application, ready, counting)
        read_frames(counting)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceagent.settings")
    django.setup()
    from calls import warmup

    warmup.warm_now()
    warmup.stop()  # It looks for a newer catalog once a second, and would be counted.
    asyncio.run(main())
