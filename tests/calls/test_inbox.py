"""What waits for the pipeline: who reads it is woken for enough, and loses nothing."""

import asyncio

import pytest

from calls.inbox import INBOX_PIECES, MOST_BYTES, PIECE_BYTES, QUIET_BYTES, Inbox

QUIET, LOUD = b"\xff" * 160, b"\x10" * 160


@pytest.fixture
async def inbox() -> Inbox:
    return Inbox()


async def taken_after(inbox: Inbox, *pieces: bytes) -> bytes | None:
    """What a reader who waits already is given, if anything."""
    reader = asyncio.create_task(inbox.take())
    await asyncio.sleep(0)
    for piece in pieces:
        inbox.put(piece)
    for _ in range(3):
        await asyncio.sleep(0)
    if reader.done():
        return reader.result()
    reader.cancel()
    return None


async def test_a_reader_is_not_woken_for_a_little_silence(inbox: Inbox) -> None:
    most = QUIET_BYTES // len(QUIET)
    assert await taken_after(inbox, *[QUIET] * (most - 1)) is None
    assert await taken_after(inbox, QUIET) == QUIET * most


async def test_what_is_loud_takes_along_the_silence_before_it(inbox: Inbox) -> None:
    assert await taken_after(inbox, QUIET, QUIET, QUIET) is None
    assert await taken_after(inbox, LOUD) == 3 * QUIET + LOUD


async def test_two_pieces_of_speech_are_enough(inbox: Inbox) -> None:
    assert await taken_after(inbox, LOUD) is None
    assert await taken_after(inbox, LOUD) == 2 * LOUD
    assert len(2 * LOUD) == PIECE_BYTES


async def test_a_pause_of_who_speaks_goes_on_like_speech(inbox: Inbox) -> None:
    inbox.caller_speaks = True
    assert await taken_after(inbox, QUIET, QUIET) == 2 * QUIET


async def test_a_backlog_comes_in_order_and_not_all_at_once(inbox: Inbox) -> None:
    pieces = [bytes([0x10, number % 100]) * 80 for number in range(25)]
    for piece in pieces:
        assert inbox.put(piece)
    found = [await inbox.take() for _ in range(3)]
    assert [len(it) for it in found] == [MOST_BYTES, MOST_BYTES, 800]
    assert b"".join(found) == b"".join(pieces)


async def test_the_oldest_goes_when_it_is_full(inbox: Inbox) -> None:
    for number in range(INBOX_PIECES):
        assert inbox.put(number.to_bytes(2, "big"))
    assert not inbox.put(b"ab")
    kept = [number.to_bytes(2, "big") for number in range(1, INBOX_PIECES)]
    assert await inbox.take() == b"".join(kept) + b"ab"
    assert await taken_after(inbox, QUIET) is None, "nothing is left that it could count"
