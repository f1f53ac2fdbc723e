"""What operators see of two workers on one port: figures that add up, and traces of calls."""

import asyncio
import os
import re
import signal
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rehearsal.caller import CallReport, CallScript, HangUp, Pause, Speak, WaitForAgent
from tests.cluster.two_workers import TwoWorkers, two_workers
from tests.prerequisites import need_postgres_and_redis
from tests.records.control import put
from tests.records.kinds import HEALTHY, WITH_A_DEAD_PROVIDER, crowd, ring_off, scripts

KNOWN_NUMBER, KNOWN_NAME = "+12025550143", "Maria Lopes"  # of the fixture "rehearsal"
ASKS_WHO_SHE_IS = CallScript(
    "who am I",
    (
        WaitForAgent("finished"),
        Speak("who-am-i"),
        WaitForAgent("finished"),
        Speak("what-time"),
        WaitForAgent("finished"),
        Pause(300),
        HangUp(),
    ),
    from_number=KNOWN_NUMBER,
    limit_seconds=60.0,
)


@dataclass(frozen=True)
class Day:
    """What happened at the two workers."""

    workers: TwoWorkers
    reports: list[CallReport]
    known_caller: CallReport


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    need_postgres_and_redis()
    with two_workers(tmp_path_factory.mktemp("watched")) as workers:
        target = workers.server.target
        reports = asyncio.run(crowd(target, [*scripts(HEALTHY, 8), ASKS_WHO_SHE_IS], 9))
        known_caller = reports[-1]
        faults = f"http://127.0.0.1:{workers.providers.port}/rehearsal/faults"
        put(faults, {"tts": "refuse"})
        reports += asyncio.run(crowd(target, scripts(WITH_A_DEAD_PROVIDER, 2), 2))
        put(faults, {})
        asyncio.run(ring_off(target))
        rows = len(reports) + 1
        counted_calls = "SELECT count(*) FROM calls_call WHERE settled_at IS NOT NULL"
        workers.wait_until(lambda: workers.sql(counted_calls) == [(rows,)])
        workers.wait_until(lambda: workers.figures()["journal_lines_waiting"] == {(): 0.0})
        yield Day(workers, reports, known_caller)


def counted(day: Day, name: str, label: str) -> Counter[str]:
    """A counter by one of its labels, without what never happened."""
    found: Counter[str] = Counter()
    for labels, value in day.workers.figures()[name].items():
        found[dict(labels)[label]] += round(value)
    return +found


def test_both_workers_carry_calls(day: Day) -> None:
    processes = day.workers.sql(
        "SELECT process_id, count(*) FROM calls_call WHERE process_id <> '' GROUP BY 1"
    )
    assert len(processes) == 2, processes


def test_calls_are_counted_as_the_database_has_them(day: Day) -> None:
    rows = day.workers.sql("SELECT ended_by, count(*) FROM calls_call GROUP BY 1")
    assert counted(day, "calls_ended_total", "by") == Counter(dict(rows))
    assert {"caller", "agent", "transfer", "error"} <= {by for by, _count in rows}
    [(started,)] = day.workers.sql("SELECT count(*) FROM calls_call WHERE started_at IS NOT NULL")
    figures = day.workers.figures()
    assert figures["calls_started_total"] == {(): started}
    assert figures["live_calls"] == {(): 0.0}


def test_tool_runs_and_errors_are_counted_as_the_database_has_them(day: Day) -> None:
    rows = day.workers.sql("SELECT name || ' ' || outcome, count(*) FROM calls_toolrun GROUP BY 1")
    runs: Counter[str] = Counter()
    for labels, value in day.workers.figures()["tool_run_ms_count"].items():
        runs[f"{dict(labels)['tool']} {dict(labels)['outcome']}"] += round(value)
    assert runs == Counter(dict(rows)) and len(rows) >= 2
    rows = day.workers.sql(
        "SELECT replace(name, ' error', ''), count(*) FROM calls_callevent "
        "WHERE name LIKE '%% error' GROUP BY 1",
    )
    assert counted(day, "provider_errors_total", "provider") == Counter(dict(rows))
    assert dict(rows)["tts"] >= 2


def test_each_timing_is_counted_once_for_each_call(day: Day) -> None:
    figures = day.workers.figures()
    for histogram, column in {
        "greeting_start_latency_ms": "first_audio_ms",
        "pipeline_creation_time_ms": "agent_ready_ms",
        "context_injection_time_ms": "context_injected_ms",
        "first_llm_response_time_ms": "first_llm_response_ms",
    }.items():
        [(count, total)] = day.workers.sql(f"SELECT count({column}), sum({column}) FROM calls_call")
        assert figures[f"{histogram}_count"] == {(): count}, histogram
        assert figures[f"{histogram}_sum"][()] == pytest.approx(total), histogram
    assert figures["webhook_ms_count"] == {(): len(day.reports) + 1}


def test_figures_are_for_who_has_the_token(day: Day) -> None:
    for headers in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": "\u00e9"}):
        asked = urllib.request.Request(f"{day.workers.server.base_url}/metrics", headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(asked, timeout=5.0)
        assert refused.value.code == 401


def test_the_loop_is_sampled_ten_times_a_second_in_each_worker(day: Day) -> None:
    def samples() -> float:
        return day.workers.figures()["loop_lag_ms_count"][()]

    before, began = samples(), time.monotonic()
    time.sleep(2.0)
    assert (samples() - before) / (time.monotonic() - began) == pytest.approx(20.0, rel=0.25)


def test_a_call_is_one_trace(day: Day) -> None:
    workers, call_sid = day.workers, day.known_caller.call_sid
    workers.wait_until(lambda: "call" in {it.name for it in workers.collector.of_call(call_sid)})
    spans = workers.collector.of_call(call_sid)
    assert {it.service for it in spans} == {"front desk"}
    assert len({it.span.trace_id for it in spans}) == 1
    names = Counter(it.name for it in spans)
    assert names.keys() >= {
        *("call", "connect", "greeting", "customer look-up", "agent start", "tool"),
        *("conversation", "turn", "stt", "llm", "tts"),
    }
    assert names["stt"] >= 2 and names["llm"] >= 3, names
    (root,) = [it for it in spans if not it.span.parent_span_id]
    assert root.name == "call" and root.about["voiceagent.ended_by"] == "caller"
    assert {it.name for it in root.span.events} >= {"first audio", "agent ready", "greeting heard"}
    known = {it.span.span_id for it in spans}
    assert all(it.span.parent_span_id in known for it in spans if it is not root)
    for it in spans:
        assert it.span.start_time_unix_nano >= root.span.start_time_unix_nano, it.name
        assert 0 <= it.ms < 60_000, it.name
    assert any("metrics.ttfb" in it.about for it in spans if it.name == "llm")


def test_traces_hold_nobodys_words(day: Day) -> None:
    said = [line for (line,) in day.workers.sql("SELECT text FROM calls_utterance")]
    said += [text for (text,) in day.workers.sql("SELECT text FROM catalog_promptversion")]
    day.workers.wait_until(
        lambda: len(day.workers.collector.of_call(day.known_caller.call_sid)) > 5
    )
    sent = day.workers.collector.raw.decode("utf-8", "replace")
    words = {word for line in said for word in re.findall(r"[A-Za-z]{4,} [A-Za-z]{4,}", line)}
    assert len(words) > 10
    assert [word for word in words if word in sent] == []
    for secret in (KNOWN_NAME, "Maria", KNOWN_NUMBER, "system_instruction"):
        assert secret not in sent, secret


def test_a_handed_over_call_has_its_hand_over_in_the_trace(day: Day) -> None:
    [(call_sid,), *_] = day.workers.sql("SELECT call_sid FROM calls_call WHERE ended_by='transfer'")
    collector = day.workers.collector
    day.workers.wait_until(
        lambda: "hand-over" in {it.name for it in collector.of_call(call_sid)}, 10.0
    )


def test_what_a_killed_worker_counted_is_not_lost(day: Day) -> None:
    """The last: it leaves the other worker alone with the port for a while."""
    before = day.workers.figures()
    pids = {int(path.name.partition("-")[0]) for path in figures_folder(day).glob("*.lock")}
    (victim, *_) = sorted(pids)
    os.kill(victim, signal.SIGKILL)

    def is_sorted_out() -> bool:
        day.workers.figures()
        return not list(figures_folder(day).glob(f"*{victim}-*"))

    day.workers.wait_until(is_sorted_out)
    after = day.workers.figures()
    for name in ("calls_ended_total", "calls_started_total", "webhook_ms_count"):
        assert after[name] == before[name], name
    assert after["live_calls"] == {(): 0.0}


def figures_folder(day: Day) -> Path:
    return day.workers.installation.folder / "figures"
