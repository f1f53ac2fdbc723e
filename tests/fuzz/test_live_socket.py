"""Nonsense between the frames of real calls: they go on, are answered, and nobody logs an error.

A real server in a process of its own. `make fuzz` sends 10,000 messages, over some 250 calls.
"""

import asyncio
import logging
import os
import random
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.caller import Target
from tests.browser.site import Site, running_site
from tests.fuzz.fuzzed_call import AtTarget, FuzzedCall, Sent
from tests.records.control import tell_status
from tests.whole_call.raw_stream import RawCall

logger = logging.getLogger(__name__)
MESSAGES = int(os.environ.get("FUZZ_LIVE_MESSAGES", "500"))
SEED = int(os.environ.get("FUZZ_SEED", "2026"))
AT_ONCE = 8
ASKED, ANSWERED = "opening hours", "agent: "


async def calls_until(enough: int, target: Target, sent: Sent) -> list[FuzzedCall]:
    """So many at once, one after the other in each seat, until so many messages were sent."""
    made: list[FuzzedCall] = []

    async def seat(number: int) -> None:
        await asyncio.sleep(0.1 * number)
        while sent.messages < enough:
            async with RawCall.opened(AtTarget(target)) as raw:  # type: ignore[arg-type]
                call = FuzzedCall(raw, random.Random(f"{SEED} {len(made)}"), sent)
                made.append(call)
                await call.talk()
            await tell_status(target, raw.call_sid, "completed")

    await asyncio.gather(*(seat(number) for number in range(AT_ONCE)))
    return made


def conversation(site: Site, call_sid: str) -> str:
    rows = site.rows(
        "SELECT speaker || ': ' || text FROM calls_utterance line JOIN calls_call call "
        "ON call.id = line.call_id WHERE call_sid = ? ORDER BY line.id",
        call_sid,
    )
    return "\n".join(text for (text,) in rows)


def malformed_counted(site: Site) -> int:
    with urllib.request.urlopen(f"{site.url}/metrics", timeout=5.0) as answer:
        found = re.search(r"^malformed_messages_total (\S+)", answer.read().decode(), re.MULTILINE)
    assert found
    return int(float(found[1]))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    # A call keeps its seat for a moment after its caller has left, and the next one rings at once.
    monkeypatch.setenv("MAX_CONCURRENT_CALLS", str(4 * AT_ONCE))
    with running_site(tmp_path, "all") as site:
        yield site


def test_calls_go_on_among_mutated_messages(site: Site) -> None:
    sent = Sent()
    calls = asyncio.run(calls_until(MESSAGES, site.server.target, sent))
    logger.info(
        "%d mutated messages over %d calls (seed %d), %d of them malformed: %s",
        sent.messages, len(calls), SEED, sent.malformed, dict(sent.by_mutation.most_common()),
    )  # fmt: skip
    assert sent.messages >= MESSAGES
    records = dict(site.rows("SELECT call_sid, status || ' ' || ended_by FROM calls_call"))
    lost = {
        call.raw.call_sid: (call.raw.socket.close_code, records.get(call.raw.call_sid))
        for call in calls
        if call.lost
    }
    assert lost == {}
    assert [call.raw.call_sid for call in calls if not call.answered] == []
    wrong = {
        call.raw.call_sid: records.get(call.raw.call_sid)
        for call in calls
        if records.get(call.raw.call_sid) != "completed caller"
    }
    assert wrong == {}
    told = {call.raw.call_sid: conversation(site, call.raw.call_sid) for call in calls}
    unanswered = [text for text in told.values() if ANSWERED not in text.partition(ASKED)[2]]
    assert unanswered == []
    assert malformed_counted(site) >= sent.malformed, "what was sent arrived"
    log = site.server.log.read_text()
    assert [line for line in log.splitlines() if re.search(r"Traceback|ERROR|CRITICAL", line)] == []
