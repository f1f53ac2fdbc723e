"""Where a call stands, kept for another process: written behind, renewed, taken once."""

import asyncio
import dataclasses
import json
from collections.abc import Callable

import pytest

from calls import standing as standing_module
from calls.memory_store import MemoryStore
from calls.session import CallSession
from calls.so_far import Entry
from calls.socket import Socket
from calls.standing import (
    Standing,
    StandingKeeper,
    clock_of,
    is_taken_by_another,
    read_standing,
    take_standing,
    take_up,
)
from calls.timing import CallClock, Timings
from tests.calls.samples import ACCOUNT_SID, CALL_SID, CALLER_NUMBER, ticket

SAID = Entry("caller", "When do you open?", 2_500.0, 4_000.0)


class Process:
    """One of those that share the store; which one acts is said before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        store = MemoryStore()
        monkeypatch.setattr(standing_module, "shared_store", lambda: store)
        monkeypatch.setattr(standing_module, "is_shared", lambda: True)
        monkeypatch.setattr(standing_module, "BETWEEN_SECONDS", 0.01)

    def becomes(self, name: str) -> None:
        self._monkeypatch.setattr(standing_module, "PROCESS_ID", name)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    process = Process(monkeypatch)
    process.becomes("a")
    return process


class Call:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.taken = False
        self.keeper = StandingKeeper(CALL_SID, self.standing)
        self.keeper.on_taken = self.is_taken

    def is_taken(self) -> None:
        self.taken = True

    def standing(self) -> Standing:
        return Standing(
            CALL_SID,
            ACCOUNT_SID,
            CALLER_NUMBER,
            agent_id=1,
            revision=42,
            lasted_seconds=0.0,
            written_at=0.0,
            resumed=0,
            timings=dataclasses.asdict(Timings(first_audio_ms=2.5)),
            usage={"read": 0, "cached": 0, "written": 0, "spoken": 0},
            tool_runs={},
            entries=tuple(self.entries),
        )


async def eventually(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(3.0):
        while not holds():
            await asyncio.sleep(0.01)


async def test_another_process_reads_what_was_said_and_one_takes_it(process: Process) -> None:
    call = Call()
    call.keeper.begin()
    call.entries.append(SAID)
    call.keeper.changed()
    await asyncio.sleep(0.1)
    process.becomes("b")
    read = await read_standing(CALL_SID)
    assert read is not None and read.entries == (SAID,)
    assert Timings(**read.timings).first_audio_ms == 2.5
    assert await take_standing(CALL_SID) == read
    assert await take_standing(CALL_SID) is None
    await call.keeper.forget()


async def test_who_lost_the_call_to_another_learns_it_and_writes_nothing_more(
    process: Process,
) -> None:
    """Twilio may notice a broken line before the server does, and ask another."""
    call = Call()
    call.keeper.begin()
    await asyncio.sleep(0.05)
    process.becomes("b")
    assert await take_standing(CALL_SID) is not None
    assert not await is_taken_by_another(CALL_SID)
    process.becomes("a")
    assert await is_taken_by_another(CALL_SID)
    call.keeper.changed()
    await eventually(lambda: call.taken)
    assert await read_standing(CALL_SID) is None
    await call.keeper.forget()


async def test_a_call_that_is_over_cannot_be_resumed(process: Process) -> None:
    call = Call()
    call.keeper.begin()
    await asyncio.sleep(0.05)
    await call.keeper.forget()
    assert await take_standing(CALL_SID) is None


async def test_a_damaged_one_is_none(process: Process) -> None:
    for written in ("", "[]", "{}", '{"entries": [1]}', '{"entries": null}', "null"):
        await standing_module.shared_store().put(f"standing:{CALL_SID}", written, 5.0)
        assert await read_standing(CALL_SID) is None


def test_times_go_on_from_the_first_start(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(standing_module.time, "time", lambda: now)
    left = dataclasses.replace(Call().standing(), lasted_seconds=25.0, written_at=now - 5.0)
    assert 30_000.0 <= clock_of(left).ms() < 31_000.0


@pytest.mark.parametrize(("ahead_seconds", "age_seconds"), [(1_900.0, 85.0), (-1_900.0, 25.0)])
def test_servers_that_disagree_about_the_time_end_no_call(
    monkeypatch: pytest.MonkeyPatch, ahead_seconds: float, age_seconds: float
) -> None:
    monkeypatch.setattr(standing_module.time, "time", lambda: 10_000.0 + ahead_seconds)
    left = dataclasses.replace(Call().standing(), lasted_seconds=25.0, written_at=10_000.0)
    assert clock_of(left).ms() / 1_000.0 == pytest.approx(age_seconds, abs=0.5)


async def test_what_counts_against_the_limits_of_a_call_goes_with_it(process: Process) -> None:
    here, there = session(), session()
    here._line.usage.add(read=20_000, cached=5_000, written=50_000, spoken=4_000)
    here._line.runner.runs["send_whatsapp"] = 3
    await standing_module.shared_store().put(
        f"standing:{CALL_SID}", json.dumps(dataclasses.asdict(here._standing())), 5.0
    )
    left = await take_standing(CALL_SID)
    assert left is not None
    take_up(left, there._line)
    assert there._line.usage == here._line.usage
    assert there._line.runner.runs == {"send_whatsapp": 3}


def session() -> CallSession:
    async def nothing(*_: object) -> None:
        return

    return CallSession(ticket(), "MZ" + "1" * 32, Socket(nothing, nothing), CallClock())
