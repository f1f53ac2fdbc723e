"""What simulated callers cost: many silent calls against a server that only reads.

A rig that is busy itself measures nothing. Fails when a call takes more than half a percent of a
core.
"""

import argparse
import asyncio
import multiprocessing
import sys
from multiprocessing.connection import Connection

from aiohttp import WSMsgType, web

from rehearsal.caller import CallScript, HangUp, Pause, Target
from rehearsal.caller.crowd import CrowdReport, rehearse

MOST_CPU_SHARE = 0.005
TWIML = (
    '<Response><Connect><Stream url="ws://{host}/media-stream">'
    '<Parameter name="token" value="any"/></Stream></Connect></Response>'
)


async def _answer(request: web.Request) -> web.Response:
    return web.Response(text=TWIML.format(host=request.host), content_type="text/xml")


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(status=204)


async def _only_read(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse(compress=False)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            break
    return socket


def _serve(told: Connection) -> None:
    async def run() -> None:
        application = web.Application()
        application.router.add_post("/incoming-call", _answer)
        application.router.add_post("/call-status", _nothing)
        application.router.add_get("/media-stream", _only_read)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        told.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def measure(calls: int, seconds: float) -> CrowdReport:
    """The server is a process of its own, so that its work is not counted."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    server.start()
    try:
        url = f"http://127.0.0.1:{ours.recv()}"
        target = Target(url, url, None, "AC" + "0" * 32, "any")
        script = CallScript("silent", (Pause(seconds * 1000), HangUp()))
        return asyncio.run(rehearse(target, [script] * calls, within_seconds=2.0))
    finally:
        server.kill()
        server.join()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    crowd = measure(options.calls, options.seconds)
    lags = sorted(call.schedule.p99_lag_ms for call in crowd.calls)
    frames = sum(call.schedule.frames for call in crowd.calls)
    sys.stdout.write(
        f"{len(crowd.calls)} silent calls of {options.seconds:g} s, {frames} frames: "
        f"{crowd.cpu_share_per_call * 100:.2f} % of a core each; frames late by "
        f"{lags[len(lags) // 2]:.1f} ms (p99, middle call), {lags[-1]:.1f} ms (the worst's).\n"
    )
    for call in crowd.failed[:5]:
        sys.stdout.write(f"  {call.call_sid}: {call.failures[0]}\n")
    return int(bool(crowd.failed) or crowd.cpu_share_per_call > MOST_CPU_SHARE)


if __name__ == "__main__":
    sys.exit(main())
