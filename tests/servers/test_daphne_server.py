"""What is overridden of Daphne, where its own would have cut calls off."""

import asyncio

from calls.daphne_server import QuietServer


async def test_an_application_that_has_returned_keeps_no_other_from_its_end() -> None:
    """Daphne's own raised KeyError here, and no application got to its `finally`."""
    cleaned_up = asyncio.Event()

    async def application() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cleaned_up.set()

    server = QuietServer(application=None, endpoints=["tcp:0"])
    running = asyncio.create_task(application())
    await asyncio.sleep(0)
    server.connections = {
        "returned": {"connected": 0.0},
        "running": {"connected": 0.0, "application_instance": running},
    }
    async with asyncio.timeout(5.0):
        await server.kill_all_applications().asFuture(asyncio.get_running_loop())
    assert cleaned_up.is_set() and running.cancelled()
