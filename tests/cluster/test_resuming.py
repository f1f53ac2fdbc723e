"""A server is killed with callers on the line: each talks on through the other, in one record."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rehearsal.caller import (
    CallReport,
    CallScript,
    HangUp,
    SimulatedCaller,
    Speak,
    Target,
    WaitForAgent,
)
from rehearsal.providers.server import RunningProviders
from tests.browser.site import SiteInstallation, running_providers
from tests.cluster.front import Front, front
from tests.cluster.two_servers import SERVE, own_database
from tests.prerequisites import REDIS_URL, need_postgres_and_redis
from tests.servers.running_server import RunningServer, running
from tests.whole_call.rig import LoopThread

logger = logging.getLogger(__name__)

CALLS = 5
TALKED = CallScript(
    "talked",
    (
        WaitForAgent("finished", silence_ms=1_500),
        Speak("ask-hours"),
        WaitForAgent("finished", silence_ms=1_500),
        WaitForAgent("finished", silence_ms=1_500, deadline_seconds=40.0),  # what they are told
        Speak("ask-hours"),
        WaitForAgent("finished", silence_ms=1_500),
        HangUp(),
    ),
    limit_seconds=90.0,
)
GO_ON = "Sorry, we were cut off for a moment. Please go on."
BACK = "Sorry, we were cut off for a moment."


@dataclass
class Pair:
    """Behind one address. `a` is the one that is killed."""

    front: Front
    front_thread: LoopThread
    database_url: str
    providers: RunningProviders
    a: RunningServer
    b: RunningServer

    @property
    def target(self) -> Target:
        return replace(
            self.a.target, base_url=self.front.base_url, public_base_url=self.front.base_url
        )

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as database:
            return database.execute(statement, values).fetchall()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    need_postgres_and_redis()
    folder: Path = tmp_path_factory.mktemp("resuming")
    with ExitStack() as stack:
        database_url = stack.enter_context(own_database())
        providers = stack.enter_context(running_providers())
        balancer, thread = stack.enter_context(front())
        installation = SiteInstallation(
            folder,
            f"http://127.0.0.1:{providers.port}",
            database_url,
            REDIS_URL,
            balancer.base_url,
        )
        installation.run("-m", "tests.browser.set_up")
        a = stack.enter_context(running(installation, *SERVE))
        b = stack.enter_context(running(installation, *SERVE))
        a.wait_until_ready()
        b.wait_until_ready()
        balancer.servers, balancer.prefers = (a.port, b.port), a.port
        yield Pair(balancer, thread, database_url, providers, a, b)


def test_who_is_sent_to_another_server_talks_on_there_and_the_first_lets_go(pair: Pair) -> None:
    """The way to a server breaks, and the server does not: it must not end what goes on."""
    report = asyncio.run(rerouted(pair))
    assert report.ok, report.failures
    assert len(report.streams) == 2
    wait_until_written(pair, 1)
    look_at_the_record(pair, report.call_sid)
    assert not [
        entry.body
        for entry in pair.providers.log.entries("twilio")
        if entry.method == "POST" and "TimeLimit" not in dict(entry.body)  # type: ignore[call-overload]
    ], "neither server has told Twilio anything of the call"
    pair.front.prefers = pair.a.port


async def rerouted(pair: Pair) -> CallReport:
    script = replace(TALKED, from_number="+351930000009")
    call = asyncio.create_task(SimulatedCaller(pair.target).call(script))
    deadline = time.monotonic() + 60.0
    while not answered(pair):
        assert time.monotonic() < deadline and not call.done()
        await asyncio.sleep(0.2)
    await asyncio.sleep(1.0)
    await asyncio.wrap_future(
        asyncio.run_coroutine_threadsafe(pair.front.cut(pair.b.port), pair.front_thread.loop)
    )
    return await call


async def talk(pair: Pair) -> tuple[list[CallReport], float]:
    """Five at once; their server is killed when each has had an answer."""
    caller = SimulatedCaller(pair.target)
    scripts = [replace(TALKED, from_number=f"+35193000000{number}") for number in range(CALLS)]
    calls = [asyncio.create_task(caller.call(script)) for script in scripts]
    deadline = time.monotonic() + 60.0
    before = len(answered(pair))
    while len(answered(pair)) < before + CALLS:
        assert time.monotonic() < deadline, "not everybody was answered"
        assert not any(call.done() for call in calls), [call for call in calls if call.done()]
        await asyncio.sleep(0.2)
    await asyncio.sleep(1.0)
    os.killpg(pair.a.process.pid, signal.SIGKILL)
    return list(await asyncio.gather(*calls)), time.monotonic()


def answered(pair: Pair) -> list[tuple[Any, ...]]:
    """Calls in whose record the agent has spoken twice: the greeting, and an answer."""
    return pair.rows(
        "SELECT call_id FROM calls_utterance WHERE speaker = 'agent' "
        "GROUP BY call_id HAVING count(*) >= 2"
    )


def test_who_was_talking_to_a_killed_server_talks_on_through_the_other(pair: Pair) -> None:
    reports, _over_at = asyncio.run(talk(pair))
    assert [report.failures for report in reports if not report.ok] == []
    waits = [report.streams[1].began_ms - report.streams[0].ended_ms for report in reports]
    logger.info("Connected anew after %s ms", [round(wait) for wait in waits])
    assert all(len(report.streams) == 2 for report in reports)
    assert max(waits) < 5_000
    for report in reports:
        first_audio_ms = report.streams[1].first_audio_ms
        assert first_audio_ms is not None and first_audio_ms < 1_500
    wait_until_written(pair, CALLS)
    for report in reports:
        look_at_the_record(pair, report.call_sid)


def wait_until_written(pair: Pair, at_least: int) -> None:
    deadline = time.monotonic() + 60.0
    while True:
        [(every, over)] = pair.rows(
            "SELECT count(*), count(*) FILTER (WHERE status IN ('completed', 'failed')) "
            "FROM calls_call"
        )
        if every == over and every >= at_least:
            return
        assert time.monotonic() < deadline, f"{over} of {every} are over"
        time.sleep(0.5)


def look_at_the_record(pair: Pair, call_sid: str) -> None:
    [(pk, status, ended_by, duration_ms)] = pair.rows(
        "SELECT id, status, ended_by, duration_ms FROM calls_call WHERE call_sid = %s", call_sid
    )
    assert (status, ended_by) == ("completed", "caller")
    lines = pair.rows(
        "SELECT speaker, text, at_ms FROM calls_utterance WHERE call_id = %s ORDER BY at_ms, id", pk
    )
    texts = [text for _speaker, text, _at in lines]
    told = [text for text in texts if text in (GO_ON, BACK)]
    assert len(told) == 1
    assert len(texts) == len({(speaker, at) for speaker, _text, at in lines}), "none is doubled"
    before, after = texts[: texts.index(told[0])], texts[texts.index(told[0]) + 1 :]
    assert len(before) >= 3 and len(after) >= 2
    assert before[0] not in after, "nobody is greeted twice"
    assert lines[-1][2] < duration_ms
    events = [
        name for (name,) in pair.rows("SELECT name FROM calls_callevent WHERE call_id = %s", pk)
    ]
    assert "resumed by another server" in events and events.count("agent ready") == 1


def test_the_model_of_the_other_server_knows_what_was_said(pair: Pair) -> None:
    """After the first: its requests are in the providers' log."""
    resumed = [
        entry.body["messages"]  # type: ignore[index]
        for entry in pair.providers.log.entries("llm", "request")
        if isinstance(entry.body, dict)
        and "response_format" not in entry.body  # that asks for a summary
        and any(text in str(entry.body) for text in (GO_ON, BACK))
    ]
    assert resumed
    for messages in resumed:
        roles = [message["role"] for message in messages]
        assert roles.count("user") >= 1 and roles[1] == "assistant"
        questions = [it for it in messages if it["role"] == "user" and "hours" in it["content"]]
        assert questions, "what the caller had asked the server that is gone"
