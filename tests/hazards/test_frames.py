"""H39: frames that are too large, in one piece or many, against `manage.py serve`."""

import asyncio
import logging

from rehearsal.caller import CallReport, CallScript, HangUp, MediaStream, SimulatedCaller
from rehearsal.caller.frames import TEXT, frame, text_frame
from rehearsal.caller.stream_messages import payload
from tests.hazards.calling import HEARD
from tests.servers.raw_http import memory_mib
from tests.servers.running_server import RunningServer
from tests.servers.test_refusals import answered, closed_within

logger = logging.getLogger(__name__)

KIB = 1_024
CONTINUATION, NOT_FINAL = 0x0, 0x7F


async def begun(server: RunningServer) -> tuple[MediaStream, str]:
    """A stream that has started, and the text of a message with an eighth of a second in it."""
    socket, writer, parameters = await answered(server)
    await socket.send_text(writer.start(parameters))
    return socket, writer.media(payload(b"\xff" * 1_000))


def piece(opcode: int, data: bytes) -> bytes:
    """A frame that is not the last of its message."""
    made = bytearray(frame(opcode, data))
    made[0] &= NOT_FINAL
    return bytes(made)


async def one_large(server: RunningServer, size: int) -> int | None:
    socket, text = await begun(server)
    socket.send_frame(text_frame(text[:-1] + " " * (size - len(text)) + "}"))
    return await closed_within(socket, 5.0)


async def many_pieces(server: RunningServer, every_seconds: float) -> int | None:
    """They never end. Slow ones say nothing either, and the line is taken for dead."""
    socket, _text = await begun(server)

    async def send() -> None:
        opcode = TEXT
        while socket.send_frame(piece(opcode, b" " * 4 * KIB)):
            opcode = CONTINUATION
            await asyncio.sleep(every_seconds)

    sending = asyncio.create_task(send())
    try:
        return await closed_within(socket, 12.0)
    finally:
        sending.cancel()


async def a_call(server: RunningServer) -> CallReport:
    script = CallScript("beside", (HEARD, HangUp()))
    return await SimulatedCaller(server.target).call(script)


async def test_h39_frames_that_are_too_large_end_their_stream_and_disturb_nobody(
    serving: RunningServer,
) -> None:
    assert (await a_call(serving)).ok
    before = memory_mib(serving)
    beside, *codes = await asyncio.gather(
        a_call(serving),
        one_large(serving, 64 * KIB + 1),
        one_large(serving, 1_024 * KIB),
        many_pieces(serving, 0.0),
        many_pieces(serving, 1.0),
    )
    grown = memory_mib(serving) - before
    logger.info("closed with %s; memory grew by %.1f MiB", codes, grown)
    assert not {None, 1000} & set(codes[:3])
    assert codes[3] is not None
    assert grown < 15.0
    assert beside.ok and beside.longest_gap_in_speech_ms <= 100
