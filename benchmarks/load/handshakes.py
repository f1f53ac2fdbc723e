"""Is it worth while to connect while the phone rings? With vendors 150 to 300 ms away."""

import json
import urllib.request
from dataclasses import replace

from benchmarks.load import phase
from benchmarks.load.one_level import WARMED_SECONDS, Place
from benchmarks.load.plan import FULL, silent
from benchmarks.load.sides import running_side
from benchmarks.load.table import number
from benchmarks.page import write_section
from rehearsal.caller import CallScript, Conduct
from rehearsal.caller.review import percentile

CALLS, SECONDS = 10, 4.0
STT_MS, TTS_MS = 300.0, 150.0
# From the TwiML to the `start`: Twilio opens TLS and upgrades it, at least.
AFTER_MS = (0.0, 200.0, 500.0)


def run(place: Place) -> None:
    _far_away(place.providers_url, STT_MS, TTS_MS)
    rows = [
        f"| {after_ms:.0f} | {_cell(place, after_ms, warm=False)} | "
        f"{_cell(place, after_ms, warm=True)} |"
        for after_ms in AFTER_MS
    ]
    _far_away(place.providers_url, 0.0, 0.0)
    section = report(rows)
    write_section("handshakes", section)
    place.say(section)


def _cell(place: Place, after_ms: float, *, warm: bool) -> str:
    settings = {"ANSWER_WHEN_WARM": str(warm).lower()}
    scripts = [_silent(number_, after_ms) for number_ in range(CALLS)]
    with running_side("ours", place.folder, place.providers_url, settings) as server:
        phase.run(server, place.callers, scripts[:1], (0.0, WARMED_SECONDS))
        ready_ms = phase.run(server, place.callers, scripts, (0.0, SECONDS)).told.ready_ms
    assert len(ready_ms) == CALLS, ready_ms
    return f"{number(percentile(ready_ms, 0.5))} / {number(max(ready_ms))}"


def _silent(number_: int, after_ms: float) -> CallScript:
    plan = replace(FULL, silent_seconds=SECONDS)
    return replace(silent(plan, number_), conduct=Conduct(start_after_ms=after_ms))


def _far_away(providers_url: str, stt_ms: float, tts_ms: float) -> None:
    body = json.dumps({"stt_connect_ms": stt_ms, "tts_connect_ms": tts_ms}).encode()
    asked = urllib.request.Request(f"{providers_url}/rehearsal/latency", data=body, method="PUT")
    asked.add_header("Content-Type", "application/json")
    urllib.request.urlopen(asked, timeout=5.0).close()


def report(rows: list[str]) -> str:
    lines = "\n".join(rows)
    return f"""## Connected while the phone rings

{CALLS} calls that arrive in a second; speech recognition is {STT_MS:.0f} ms away and the voice
{TTS_MS:.0f} ms. Ready, in ms from the stream's `start`: p50 / the slowest. Twilio takes some time
from the TwiML to the `start`: TLS and the upgrade.

| TwiML to `start` (ms) | connected at the `start` | connected while it rings |
|---|---|---|
{lines}
"""
