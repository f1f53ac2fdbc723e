"""Does the caller interrupt before something is done?"""

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calls.line import CallLine


async def interrupted_before(line: "CallLine", done: "asyncio.Future[Any]", seconds: float) -> bool:
    """Whether the caller interrupted before `done`; False also when `seconds` have passed."""
    interruption = asyncio.create_task(line.interruption.wait(), name="interruption")
    waiting: set[asyncio.Future[Any]] = {done, interruption}
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return interruption.done() and not done.done()
    finally:
        interruption.cancel()
