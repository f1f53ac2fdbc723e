"""Who may hear a call, and how does a browser's player get at any moment of it?"""

import asyncio
import re
from collections.abc import AsyncIterator

from auditlog.signals import accessed
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from calls.models import Call, RecordingState
from calls.recording import shelf

MOST_AT_ONCE = 1 << 20  # of a range: the player asks for the rest when it gets there
ONE_LISTENING_SECONDS = 600  # a player asks many times for what is listened to once
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def recording(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Behind login, by `admin_view`. Whoever hears a call is written down."""
    if not request.user.has_perms(("calls.view_call", "calls.hear_recording")):
        raise PermissionDenied
    call = get_object_or_404(Call, pk=pk)
    if call.recording_state != RecordingState.READY or not call.recording:
        raise Http404
    try:
        size = shelf.size_bytes(call.recording)
        _note(request, call)
        return _answer(request, call.recording, size)
    except FileNotFoundError as error:
        raise Http404 from error


def _note(request: HttpRequest, call: Call) -> None:
    if cache.add(f"heard-{request.user.pk}-{call.pk}", True, ONE_LISTENING_SECONDS):
        accessed.send(sender=Call, instance=call)


def _answer(request: HttpRequest, name: str, size: int) -> HttpResponseBase:
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    response: HttpResponseBase
    if asked is None or not any(asked.groups()):
        response = StreamingHttpResponse(_pieces(name, size))
        response["Content-Length"] = str(size)
    else:
        first, last = _bounds(asked[1], asked[2], size)
        if not 0 <= first <= last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        response = HttpResponse(shelf.read(name, first, last), status=206)
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Type"] = shelf.CONTENT_TYPE
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    return response


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Never more than a piece: a shorter answer than asked for is a good one, and a server that
    carries calls holds no hour of sound in its memory.
    """
    begin = int(first) if first else max(0, size - int(last))
    end = int(last) if first and last else size - 1
    return begin, min(end, size - 1, begin + MOST_AT_ONCE - 1)


async def _pieces(name: str, size: int) -> AsyncIterator[bytes]:
    """All of it, for whoever downloads it."""
    for first in range(0, size, MOST_AT_ONCE):
        last = min(first + MOST_AT_ONCE, size) - 1
        yield await asyncio.to_thread(shelf.read, name, first, last)
