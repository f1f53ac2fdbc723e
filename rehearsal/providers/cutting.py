"""Connections that break off: the TCP connection is closed, without a word of farewell."""

from aiohttp import web


def cut(request: web.BaseRequest) -> None:
    """What is under way on this connection never arrives."""
    if request.transport is not None:
        request.transport.abort()


async def cut_in_the_middle(request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    """Half of a finished answer, and then nothing. Whatever it answers has been done."""
    body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b""
    half = web.StreamResponse(status=whole.status, headers={"Content-Length": str(len(body) + 1)})
    half.content_type = whole.content_type
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    cut(request)
    return half
