"""Who closes the stream of a call that is over, and does Twilio have to be told?"""

import asyncio

from calls.farewell import put_down
from calls.models import EndedBy
from calls.session_tools import SessionTools
from calls.socket import Socket
from calls.transfer import Milestone, hand_over

STOP_SECONDS = 1.0  # how long Twilio may take to close a stream of which it has said `stop`


async def part(
    call_sid: str, ended_by: EndedBy, socket: Socket, tools: SessionTools, milestone: Milestone
) -> None:
    """A stream that we have closed ourselves, for what it sent, may leave a caller behind: Twilio
    is told to hang up. Of lines that broke, calls/lost_line.py has told it what comes next.
    """
    if ended_by is EndedBy.CALLER:
        await _close_after_stop(socket)
    elif ended_by is EndedBy.TRANSFER or (
        tools.handing_over is not None and not socket.closed.is_set()
    ):  # Announced by the agent, or by the apology of a call that cannot go on.
        await hand_over(call_sid, socket, tools, milestone)
    elif socket.closed_by_us or not socket.closed.is_set():
        await put_down(call_sid, socket)


async def _close_after_stop(socket: Socket) -> None:
    """Twilio closes by itself; who does not is closed here."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await socket.closed.wait()
    except TimeoutError:
        await socket.close()
