"""The check after every whole-call test can fail: here is one of everything it looks for."""

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from websockets.sync.client import connect

from tests.whole_call import aftermath
from tests.whole_call.residue import Held, until
from tests.whole_call.rig import ACCOUNT_SID, Rig

pytestmark = pytest.mark.django_db(transaction=True)

CALL_SID = "CA" + "a" * 32
SPEECH = "tts/websocket"


@pytest.fixture(autouse=True)
def nobody_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(holds: Callable[[], bool], _seconds: float, complaint: Callable[[], str]) -> None:
        until(holds, 0.1, complaint)

    monkeypatch.setattr(aftermath, "until", impatient)


@pytest.fixture
def later() -> Iterator[ExitStack]:
    """What was left behind is taken away before the rig's own check."""
    with ExitStack() as stack:
        yield stack


def test_nothing_is_left_of_nothing(rig: Rig) -> None:
    aftermath.assert_nothing_left(rig)


def test_it_finds_a_socket_at_a_provider(rig: Rig, later: ExitStack) -> None:
    url = f"{rig.providers_url.replace('http', 'ws')}/{SPEECH}"
    later.enter_context(connect(url, additional_headers={"X-API-Key": "offline"}))
    with pytest.raises(AssertionError, match="open at the providers: {.*tts.*: 1}"):
        aftermath.assert_nothing_left(rig)


def test_it_finds_a_task(rig: Rig, later: ExitStack) -> None:
    loop = rig.server_thread.loop
    orphan = asyncio.run_coroutine_threadsafe(asyncio.sleep(30), loop)
    later.callback(orphan.cancel)
    with pytest.raises(AssertionError, match="tasks of calls: .*sleep"):
        aftermath.assert_nothing_left(rig)


def test_it_finds_a_call_without_a_record(rig: Rig, later: ExitStack) -> None:
    rig.witness.rang.add(CALL_SID)
    rig.witness.told_over.add(CALL_SID)
    later.callback(rig.witness.forget)
    with pytest.raises(AssertionError, match="no record says how they ended"):
        aftermath.assert_nothing_left(rig)


def test_it_finds_a_call_that_ended_twice(rig: Rig, later: ExitStack) -> None:
    rig.endings.of[CALL_SID] = 2
    later.callback(rig.endings.of.clear)
    with pytest.raises(AssertionError, match="ended more than once"):
        aftermath.assert_nothing_left(rig)


def test_it_finds_a_call_that_was_hung_up_twice(rig: Rig, later: ExitStack) -> None:
    later.callback(rig.providers.log.clear)
    path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{CALL_SID}.json"
    for _ in range(2):
        rig.providers.log.add(
            "twilio",
            "request",
            method="POST",
            path=path,
            query={},
            headers={},
            body={"Status": "completed"},
        )
    with pytest.raises(AssertionError, match=CALL_SID):
        aftermath.assert_nothing_left(rig)


@pytest.mark.parametrize("held", [Held(-1_000, 1_000), Held(1_000, -1_000)])
def test_it_finds_threads_and_open_files(rig: Rig, held: Held) -> None:
    before = dataclasses.replace(rig.held, threads=held.threads, files=held.files)
    assert not Held.now().is_little_more_than(before)
