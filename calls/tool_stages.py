"""Which tools is the model offered, and when does that change?"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from calls.line import CallLine
from catalog.stages import Stage
from catalog.tools.spec import ToolSpec

if TYPE_CHECKING:
    from calls.pipeline.agent import Agent

LOOK_SECONDS = 2.0  # how soon a running call notices that a server went or came back

OnOffer = Callable[[Stage], tuple[ToolSpec, ...]]


async def follow_stages(
    agent: "Agent",
    line: CallLine,
    on_offer: OnOffer,
    at_start: tuple[ToolSpec, ...],
    later: Stage,
) -> None:
    """Offer the tools of the later stage once the first reply is out, and as servers come and go.

    Until then there is nothing to disturb: the frame waits behind a reply in progress, and the
    next request to the model brings the new list.
    """
    await line.first_reply_sent.wait()
    offered = at_start
    while True:
        tools = on_offer(later)
        if tools != offered:
            offered = tools
            line.runner.knows(tools)
            await agent.offer(tools)
        await asyncio.sleep(LOOK_SECONDS)
