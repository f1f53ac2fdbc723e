"""Somebody has overheard the signature of an upgrade, and opens sockets as fast as it goes."""

import asyncio
import logging

from rehearsal.caller import HandshakeRefused
from tests.servers.raw_http import connected
from tests.servers.running_server import RunningServer
from tests.servers.test_frame_floods import upgrade
from tests.servers.test_refusals import answered, closed_within

logger = logging.getLogger(__name__)

A_SECOND = 200
CALLERS = 10


async def stranger(server: RunningServer) -> bytes:
    async with connected(server) as connection:
        await connection.send(upgrade(server))
        status = (await connection.first_answer())[9:12]
        await connection.answer()
        return status


async def caller_is_let_in(server: RunningServer) -> bool:
    try:
        socket, writer, parameters = await answered(server)
    except HandshakeRefused:
        return False
    await socket.send_text(writer.start(parameters))
    await socket.send_text(writer.stop())
    return await closed_within(socket, 10.0) == 1000


async def test_callers_are_let_in_beside_200_sockets_a_second_that_do_not_start(
    serving: RunningServer,
) -> None:
    strangers = []
    over = asyncio.Event()

    async def flood() -> None:
        while not over.is_set():
            strangers.append(asyncio.create_task(stranger(serving)))
            await asyncio.sleep(1.0 / A_SECOND)

    flooding = asyncio.create_task(flood())
    await asyncio.sleep(1.0)
    let_in = [await caller_is_let_in(serving) for _ in range(CALLERS)]
    over.set()
    await flooding
    statuses = await asyncio.gather(*strangers)
    logger.info("%d strangers, %d let in", len(statuses), statuses.count(b"101"))
    assert let_in == [True] * CALLERS
    assert set(statuses) <= {b"101", b"503", b""}
