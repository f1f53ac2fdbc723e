"""Calls to a server in a process of its own."""

import asyncio

from rehearsal.caller import CallReport, CallScript, SimulatedCaller
from rehearsal.caller.script import Step
from tests.servers.running_server import RunningServer

SERVE = ("manage.py", "serve", "--port", "{port}")


async def place(server: RunningServer, steps: tuple[Step, ...], count: int) -> list[CallReport]:
    """So many at once."""

    async def one(number: int) -> CallReport:
        await asyncio.sleep(0.05 * number)
        script = CallScript("hazard", steps, from_number=f"+1202555{number:04d}")
        return await SimulatedCaller(server.target).call(script)

    return await asyncio.gather(*(one(number) for number in range(count)))
