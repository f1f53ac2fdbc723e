"""Every call is in one hour and one day of the dashboard, whatever the clocks do there."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from calls.dashboard.asked import Asked
from calls.dashboard.numbers import Numbers, numbers
from calls.dashboard.period import from_to
from calls.models import Call, CallEvent, EndedBy, Metric, Status
from calls.settling import settle

pytestmark = pytest.mark.django_db


def calls_at(*moments: str) -> None:
    for moment in moments:
        at = datetime.fromisoformat(moment)
        call = Call.objects.create(
            call_sid=f"CA{moment}",
            status=Status.COMPLETED,
            ended_by=EndedBy.CALLER,
            ended_at=at + timedelta(seconds=60),
            first_audio_ms=2.0,
        )
        CallEvent.objects.create(call=call, name="stt error")
        Call.objects.filter(pk=call.pk).update(created_at=at)
    settle()


def shown(first: str, last: str = "") -> tuple[Numbers, list[int], list[int], list[int]]:
    """What is in the slots that the charts show: calls, latencies and errors."""
    asked = Asked(from_to(date.fromisoformat(first), date.fromisoformat(last or first)))
    found = numbers(asked)
    audio = found.latencies[Metric.FIRST_AUDIO]
    return (
        found,
        [found.steps[slot].calls if slot in found.steps else 0 for slot in found.slots],
        [sum(audio.get(slot, {}).values()) for slot in found.slots],
        [found.errors["stt"][slot] for slot in found.slots],
    )


@pytest.fixture
def zone(request: Any) -> Any:
    with override_settings(TIME_ZONE=request.param), timezone.override(request.param):
        yield request.param


@pytest.mark.parametrize("zone", ["Europe/Lisbon"], indirect=True)
def test_no_call_vanishes_in_the_hour_that_comes_twice(zone: str) -> None:
    calls_at("2025-10-26T00:10Z", "2025-10-26T01:10Z", "2025-10-26T02:10Z", "2025-10-26T23:50Z")
    found, calls, audio, errors = shown("2025-10-26")
    assert len(found.slots) == 25
    assert calls == audio == errors
    assert [number for number, count in enumerate(calls) if count] == [1, 2, 3, 24]


@pytest.mark.parametrize("zone", ["Europe/Lisbon"], indirect=True)
def test_nor_around_the_hour_that_is_left_out(zone: str) -> None:
    calls_at("2026-03-29T00:10Z", "2026-03-29T01:10Z", "2026-03-29T22:59Z")
    found, calls, audio, errors = shown("2026-03-29")
    assert len(found.slots) == 23
    assert calls == audio == errors
    assert [number for number, count in enumerate(calls) if count] == [0, 1, 22]


@pytest.mark.parametrize(
    "zone", ["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"], indirect=True
)
def test_the_first_half_hour_of_a_day_is_of_that_day(zone: str) -> None:
    midnight = timezone.make_aware(datetime(2026, 3, 9))  # noqa: DTZ001 (the zone of the test)
    calls_at(*((midnight + timedelta(minutes=m)).isoformat() for m in (-5, 5, 50, 65)))
    _found, calls, audio, errors = shown("2026-03-09")
    assert calls == audio == errors == [2, 1, *[0] * 22]
    _found, calls, audio, errors = shown("2026-03-07", "2026-03-09")
    assert calls == audio == errors == [0, 1, 3]
