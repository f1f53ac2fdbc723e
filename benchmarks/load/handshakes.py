"""Is it worth while to connect while the phone rings? With vendors 150 to 300 ms away."""

from dataclasses import replace

from benchmarks.load import phase
from benchmarks.load.one_level import WARMED_SECONDS, Place
from benchmarks.load.plan import FULL, silent
from benchmarks.load.sides import running_side
from benchmarks.load.table import number
from benchmarks.page import write_section
from benchmarks.provider_process import slow_down
from rehearsal.caller import CallScript, Conduct
from rehearsal.caller.review import percentile

CALLS, SECONDS = 10, 4.0
STT_MS, TTS_MS = 300.0, 150.0
# From the TwiML to the `start`: Twilio opens TLS and upgrades it, at least.
AFTER_MS = (0.0, 200.0, 500.0)


def run(place: Place) -> None:
    slow_down(place.providers_url, {"stt_connect_ms": STT_MS, "tts_connect_ms": TTS_MS})
    rows = [
        f"| {after_ms:.0f} | {_cell(place, after_ms, warm=False)} | "
        f"{_cell(place, after_ms, warm=True)} |"
        for after_ms in AFTER_MS
    ]
    slow_down(place.providers_url, {})
    section = report(rows)
    write_section("handshakes", section)
    place.say(section)


def _cell(place: Place, after_ms: float, *, warm: bool) -> str:
    settings = {"ANSWER_WHEN_WARM": str(warm).lower()}
    scripts = [_silent(caller, after_ms) for caller in range(CALLS)]
    with running_side("ours", place.folder, place.providers_url, settings) as server:
        phase.run(server, place.callers, scripts[:1], (0.0, WARMED_SECONDS))
        ready_ms = phase.run(server, place.callers, scripts, (0.0, SECONDS)).told.ready_ms
    assert len(ready_ms) == CALLS, ready_ms
    return f"{number(percentile(ready_ms, 0.5))} / {number(max(ready_ms))}"


def _silent(caller: int, after_ms: float) -> CallScript:
    plan = replace(FULL, silent_seconds=SECONDS)
    return replace(silent(plan, caller), conduct=Conduct(start_after_ms=after_ms))


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
