"""What a call hands over while it runs: flat in memory, late enough to be cut, whole at its end."""

import base64

import pytest

from calls.recording.recorder import Recorder
from calls.recording.tracks import RATE, Stretch
from tests.calls.fake_clock import FakeClock

SID = "CA" + "e5" * 16


class Written:
    """Stands for the writer; `keeps_up` turns False when its disk is too slow."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.stretches: list[Stretch] = []
        self.keeps_up = True

    def begin(self, call_sid: str, *, announced: bool) -> None:
        self.orders.append(f"begin announced={announced}")

    def write(self, call_sid: str, stretch: Stretch) -> bool:
        self.stretches.append(stretch)
        return self.keeps_up

    def announced(self, call_sid: str) -> None:
        self.orders.append("announced")

    def end(self, call_sid: str, *, failed: bool = False) -> None:
        self.orders.append(f"end failed={failed}")

    def sides(self) -> tuple[bytes, bytes]:
        audio = b"".join(stretch.interleaved() for stretch in self.stretches)
        return audio[0::2], audio[1::2]


class Recorded:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.written = Written()
        self.recorder = Recorder(SID, self.clock(), self.written, self.clock)
        self.recorder.begin(announced=True)

    def pass_time(self, seconds: float, value: int = 1) -> None:
        for _ in range(round(seconds * 50)):
            self.clock.advance(0.02)
            self.recorder.hear(bytes([value]) * 160)

    def send(self, seconds: float, value: int = 2, *, behind: float = 0.0) -> None:
        size = round(seconds * RATE)
        payload = base64.b64encode(bytes([value]) * size).decode()
        self.recorder.sent(self.clock() + behind, payload, size)


@pytest.fixture
def call() -> Recorded:
    return Recorded()


def test_a_call_is_recorded_from_its_start_to_its_end(call: Recorded) -> None:
    call.send(0.5)
    call.pass_time(7.3)
    call.recorder.end()
    caller, agent = call.written.sides()
    assert len(caller) == len(agent) == round(7.3 * RATE)
    assert set(caller) == {1}
    assert agent == b"\x02" * 4_000 + b"\xff" * (len(agent) - 4_000)
    assert call.written.orders == ["begin announced=True", "end failed=False"]


def test_a_greeting_that_is_cut_off_ends_where_it_was_cut(call: Recorded) -> None:
    call.send(60.0)  # in one burst, long before it is heard
    call.pass_time(9.0)
    call.recorder.cleared()
    call.pass_time(1.0)
    call.recorder.end()
    _, agent = call.written.sides()
    assert agent == b"\x02" * (9 * RATE) + b"\xff" * RATE


def test_what_was_sent_and_not_played_before_the_hang_up_was_not_heard(call: Recorded) -> None:
    call.pass_time(1.0)
    call.send(5.0)
    call.pass_time(0.5)
    call.recorder.end()
    _, agent = call.written.sides()
    assert agent == b"\xff" * RATE + b"\x02" * (RATE // 2)


def test_it_holds_back_a_few_seconds_and_no_more(call: Recorded) -> None:
    call.pass_time(60.0)
    assert 0 <= 60 * RATE - sum(len(s.caller) for s in call.written.stretches) <= 4 * RATE
    assert max(len(stretch.caller) for stretch in call.written.stretches) <= 2 * RATE


def test_a_disk_that_does_not_keep_up_costs_the_recording_and_not_the_call(
    call: Recorded,
) -> None:
    call.pass_time(10.0)
    call.written.keeps_up = False
    call.pass_time(10.0)
    assert call.written.orders[-1] == "end failed=True"
    before = len(call.written.stretches)
    call.send(1.0)
    call.pass_time(10.0)
    call.recorder.cleared()
    call.recorder.announced()
    call.recorder.end()
    assert len(call.written.stretches) == before
    assert call.written.orders[-1] == "end failed=True"


def test_nothing_is_recorded_before_it_begins_or_after_it_ended(call: Recorded) -> None:
    call.recorder.end()
    call.pass_time(10.0)
    call.recorder.end()
    assert call.written.stretches == []
    assert call.written.orders.count("end failed=False") == 1


def test_a_caller_who_sends_nothing_is_silent_for_as_long_as_the_call(call: Recorded) -> None:
    call.clock.advance(3_600.0)
    call.recorder.end()
    caller, agent = call.written.sides()
    assert len(caller) == len(agent) == 3_600 * RATE
    assert max(len(stretch.caller) for stretch in call.written.stretches) <= 10 * RATE
