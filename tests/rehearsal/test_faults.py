"""Whom a fault strikes, and how many connections a stand-in says are open. No network."""

import time

import pytest

from rehearsal.providers.fault_parsing import parse_faults
from rehearsal.providers.faults import Fault, Faults, Provider, Trouble
from rehearsal.providers.traffic import Line, Traffic


def test_a_fault_is_a_name_or_an_object() -> None:
    faults = parse_faults(
        {
            "llm": "refuse",
            "tts": {"fault": "slow", "ms": 800, "voice": "v", "most": 5},
            "stt": {"most": 0},
            "twilio": None,
        }
    )
    assert faults.of(Provider.LLM) == Trouble(Fault.REFUSE)
    assert faults.of(Provider.TTS) == Trouble(Fault.SLOW, voice="v", ms=800)
    assert (faults.of(Provider.STT), faults.of(Provider.TWILIO)) == (None, None)
    assert faults.most == {Provider.TTS: 5, Provider.STT: 0}
    assert faults.document() == {"llm": "refuse", "tts": "slow"}


def test_a_fault_strikes_as_often_as_it_was_told() -> None:
    faults = Faults({Provider.LLM: Trouble(Fault.REFUSE, times=2)})
    assert [bool(faults.strike(Provider.LLM, number)) for number in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    assert faults.strike(Provider.LLM, 1), "who was struck once stays struck"
    assert faults.strike(Provider.TTS, 1) is None


def test_a_fault_that_nobody_counts_strikes_for_ever() -> None:
    faults = Faults({Provider.LLM: Trouble(Fault.REFUSE)})
    assert all(faults.strike(Provider.LLM, number) for number in range(50))


@pytest.mark.parametrize(
    ("asked", "is_struck"),
    [
        ({"model": "gpt-a", "voice": "v"}, True),
        ({"model": "gpt-b", "voice": "v"}, False),
        ({"model": "gpt-a"}, False),
        ({}, False),
    ],
)
def test_a_narrow_fault_strikes_one_model_or_voice_and_counts_nobody_else(
    asked: dict[str, str], is_struck: bool
) -> None:
    faults = Faults({Provider.TTS: Trouble(Fault.REFUSE, times=1, model="gpt-a", voice="v")})
    assert bool(faults.strike(Provider.TTS, "first", **asked)) is is_struck
    assert bool(faults.strike(Provider.TTS, "next", model="gpt-a", voice="v")) is not is_struck


def test_a_line_counts_what_is_open_and_how_fast_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    line = Line()
    for moment in (100.0, 100.4, 100.9, 101.2):
        now = moment
        line.knock()
    with line.held(), line.held():
        assert line.open == 2
    assert (line.open, line.most_open, line.came, line.most_came_in_a_second) == (0, 2, 4, 3)


def test_counting_anew_forgets_everything_but_what_is_open() -> None:
    traffic = Traffic()
    line = traffic.of(Provider.STT)
    line.knock()
    with line.held():
        traffic.count_anew()
        assert traffic.open == {"stt": 1}
        assert traffic.document()["stt"] == {
            "open": 1,
            "most_open": 1,
            "came": 0,
            "most_came_in_a_second": 0,
        }
