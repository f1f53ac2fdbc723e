"""A proxy cuts a connection on which nobody says anything: nginx after 5 s here, 60 s elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calls import line_watch
from rehearsal.caller import (
    CallReport,
    CallScript,
    HangUp,
    Pause,
    SimulatedCaller,
    Speak,
    Stall,
    Target,
    WaitForAgent,
)
from tests.nginx import running_nginx
from tests.prerequisites import need_nginx
from tests.whole_call.rig import Rig

pytestmark = pytest.mark.django_db(transaction=True)

IMPATIENT = [
    (f"proxy_{kind}_timeout 3600s", f"proxy_{kind}_timeout 5s") for kind in ("read", "send")
]


@pytest.fixture
def through_nginx(rig: Rig, tmp_path: Path) -> Iterator[Target]:
    need_nginx()
    port = int(rig.base_url.rpartition(":")[2])
    with running_nginx(tmp_path, (port, port), changes=IMPATIENT) as nginx:
        yield replace(rig.target, base_url=nginx.base_url)


async def call(target: Target, *steps: Any) -> CallReport:
    return await SimulatedCaller(target).call(CallScript("test", steps, limit_seconds=60.0))


@pytest.fixture(autouse=True)
def long_stall_is_no_lost_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_watch, "LOST_CHECKS", 120)


async def test_h51_a_call_in_which_nobody_speaks_is_not_cut_by_a_proxy(
    rig: Rig, through_nginx: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_watch, "KEEP_ALIVE_SECONDS", 1.0)
    report = await call(
        through_nginx,
        WaitForAgent("finished"),
        Pause(5_500),  # The agent is silent for longer than the proxy is patient,
        Stall(5.5),  # and then Twilio as well.
        Speak("ask-hours"),
        WaitForAgent("started"),
        HangUp(),
    )
    assert report.ok, report.failures
    assert rig.record(report.call_sid)["ended_by"] == "caller"
    assert sum("alive" in mark.name for mark in report.marks) >= 5


async def test_without_the_marks_this_proxy_would_have_cut_it(
    rig: Rig, through_nginx: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nginx counts what comes from either side: it cuts when Twilio is silent as well."""
    monkeypatch.setattr(line_watch, "KEEP_ALIVE_SECONDS", 1_000.0)
    report = await call(through_nginx, WaitForAgent("finished"), Stall(7.0), Pause(3_000))
    assert "line lost" in rig.events(report.call_sid)
