"""Strangers cannot fill the disk with lines, and nobody else's lines are lost."""

import logging

import pytest

from calls import metrics, refusals
from calls.refusals import SENTENCES, Refused
from tests.calls.fake_clock import FakeClock
from voiceagent.log_config import logging_config
from voiceagent.log_limit import LINES_A_SECOND, FewLines


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def few(clock: FakeClock) -> FewLines:
    return FewLines(clock)


def lines(few: FewLines, times: int, name: str = "calls.refusals", kind: str = "") -> list[str]:
    written = []
    for _ in range(times):
        record = logging.LogRecord(name, logging.WARNING, "", 1, "Refused: %s.", ("this",), None)
        record.kind = kind
        if few.filter(record):
            written.append(record.getMessage())
    return written


def test_it_writes_a_few_lines_a_second_and_then_how_many_were_left_out(
    few: FewLines, clock: FakeClock
) -> None:
    assert lines(few, 1_000) == ["Refused: this."] * LINES_A_SECOND
    clock.advance(1.0)
    assert lines(few, 1) == ["Refused: this. (995 more like it were left out.)"]
    assert lines(few, 1) == ["Refused: this."]


def test_a_flood_of_one_kind_hides_no_other(few: FewLines) -> None:
    lines(few, 1_000, kind="flood")
    assert lines(few, 1, kind="no valid token") == ["Refused: this."]
    assert lines(few, 1, name="django.request") == ["Refused: this."]


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("django.request", LINES_A_SECOND),
        ("django.security.DisallowedHost", LINES_A_SECOND),
        ("daphne.server", LINES_A_SECOND),
        ("calls.session", 100),
        ("catalog.warmup", 100),
    ],
)
def test_it_is_about_lines_that_strangers_can_cause(few: FewLines, name: str, most: int) -> None:
    assert len(lines(few, 100, name)) == most


def test_the_handler_of_the_log_keeps_them_few() -> None:
    config = logging_config("INFO")
    [handler] = config["root"]["handlers"]
    assert config["handlers"][handler]["filters"] == ["few lines"]
    assert config["filters"]["few lines"] == {"()": FewLines}


@pytest.mark.parametrize("why", Refused)
def test_every_refusal_is_told_and_counted(why: Refused, caplog: pytest.LogCaptureFixture) -> None:
    counted = metrics.refusals.labels(why=why.value)._value.get
    before = counted()
    refusals.note(why)
    assert counted() == before + 1
    assert [text.startswith(SENTENCES[why]) for text in caplog.messages] == [True]
