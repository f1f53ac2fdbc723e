"""Calls as a file, a batch at a time: never all of them in memory, and no cursor held open.

Which calls, and in which order, is decided at the beginning; what each looks like, when its turn
comes. A transaction over the whole file would hold a connection for as long as a download takes.
"""

import logging
import time
from array import array
from collections.abc import AsyncIterator, Sequence

from asgiref.sync import sync_to_async
from django.db import connection
from django.db.models import QuerySet

from calls.export.file_formats import FileFormat
from calls.models import Call

logger = logging.getLogger(__name__)

# Daphne ends every answer after a minute, as if it were whole.
MOST_SECONDS = 50.0


def keys_of(calls: QuerySet[Call]) -> "array[int]":
    """In their order, eight bytes each."""
    plain = calls.prefetch_related(None).values_list("pk", flat=True)
    return array("q", plain.iterator(chunk_size=5_000))


async def streamed(
    keys: Sequence[int], file_format: FileFormat, *, with_numbers: bool
) -> AsyncIterator[bytes]:
    """The parts of the file. Calls that are gone meanwhile are left out."""
    until = time.monotonic() + MOST_SECONDS
    yield file_format.head
    step = file_format.batch_calls
    is_first = True
    for start in range(0, len(keys), step):
        some = keys[start : start + step]
        try:
            if time.monotonic() > until:
                raise TimeoutError
            part = await sync_to_async(_part)(some, file_format, is_first, with_numbers)
        except Exception:  # A root: raised from here, it would stop Daphne's sweep of connections.
            logger.exception("An export broke off after %d of %d calls.", start, len(keys))
            yield file_format.broken_off
            return
        if part:
            is_first = False
            yield part
    yield file_format.tail


def _part(
    keys: Sequence[int], file_format: FileFormat, is_first: bool, with_numbers: bool
) -> bytes:
    try:
        calls = Call.objects.filter(pk__in=list(keys))
        found = {call.pk: call for call in file_format.with_what_it_needs(calls)}
        in_order = [found[key] for key in keys if key in found]
        return file_format.written(in_order, is_first=is_first, with_numbers=with_numbers)
    finally:
        # Back into the pool between the parts: slow downloads would hold all ten of a process.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
