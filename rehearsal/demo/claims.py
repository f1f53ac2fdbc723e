"""What the demo claims, each held against what the caller observed and what the record says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.caller import CallReport

FIRST_AUDIO_MS = 100.0
READY_MS = 500.0
GAP_MS = 40.0
SAME_MOMENT_MS = 400.0  # the record counts from our `start`, the caller from hers; plus the lead
RECOGNISED_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Claim:
    """`holds` is an observation, never an assumption; `figure` is what was observed."""

    text: str
    holds: bool
    figure: str


def claims(report: CallReport, record: Mapping[str, Any], customer: str) -> list[Claim]:
    """Everything the demo says about the call it made."""
    transcript: list[dict[str, Any]] = record["transcript"]
    agent_lines = [line for line in transcript if line["speaker"] == "agent"]
    spoken = " ".join(line["text"] for line in agent_lines[1:])
    return [
        _at_most("First audio after start", report.first_audio_ms, FIRST_AUDIO_MS),
        _at_most("Agent ready after start", record["timings"]["agent_ready_ms"], READY_MS),
        _at_most("Longest gap inside a sentence", report.longest_gap_in_speech_ms, GAP_MS),
        _recognised(report, transcript),
        Claim("The caller is known by name", customer.split()[0] in spoken, customer),
        _interrupted(report, agent_lines),
        _same_moments(report, agent_lines),
        Claim(
            "The goodbye was heard before the hang-up",
            report.goodbye_heard is True and report.ended_by == "server-rest",
            f"ended by {record['ended_by']}",
        ),
        Claim("The record is closed", record["status"] == "completed", record["status"]),
        Claim(
            "Twilio would find no fault in what was sent",
            not report.violations,
            "; ".join(report.violations) or "none",
        ),
        Claim("The call went as scripted", report.ok, "; ".join(report.failures) or "yes"),
    ]


def _at_most(what: str, value_ms: float | None, limit_ms: float) -> Claim:
    figure = "never" if value_ms is None else f"{value_ms:.1f} ms"
    holds = value_ms is not None and value_ms <= limit_ms
    return Claim(f"{what}: at most {limit_ms:.0f} ms", holds, figure)


def _recognised(report: CallReport, transcript: list[dict[str, Any]]) -> Claim:
    """Each line the caller spoke stands in the record, nearly word for word."""
    written = [line["text"] for line in transcript if line["speaker"] == "caller"]
    shares = [
        max((_share_of_words(line.text, text) for text in written), default=0.0)
        for line in report.said
    ]
    return Claim(
        "What the caller said was recognised",
        bool(shares) and min(shares) >= RECOGNISED_SHARE,
        f"{100 * min(shares, default=0.0):.0f} % of the words of the worst line",
    )


def _share_of_words(said: str, written: str) -> float:
    words, found = _words(said), set(_words(written))
    return sum(word in found for word in words) / max(1, len(words))


def _words(text: str) -> list[str]:
    # "Good-bye" is "goodbye": recognisers write it either way.
    return re.findall(r"[\w']+", text.lower().replace("-", ""))


def _interrupted(report: CallReport, agent_lines: list[dict[str, Any]]) -> Claim:
    """The caller cut the agent off once, was obeyed at once, and the record knows it."""
    stops = [
        clear.after_line_start_ms
        for clear in report.clears
        if clear.thrown_away_ms > 0 and clear.after_line_start_ms is not None
    ]
    noted = any(line["interrupted"] for line in agent_lines)
    figure = f"silent {stops[0]:.0f} ms after the caller began" if stops else "never cut off"
    return Claim("The interruption stopped the agent", bool(stops) and noted, figure)


def _same_moments(report: CallReport, agent_lines: list[dict[str, Any]]) -> Claim:
    """Every time the agent begins to speak in the record, the caller heard it begin.

    A line that follows another without a pause ("One moment, please." and the answer) begins in the
    middle of what was heard.
    """
    moments = [float(line["at_ms"]) for line in agent_lines]
    worst = max((_apart(at_ms, moments, report) for at_ms in moments), default=float("inf"))
    return Claim(
        "The record says what the caller observed",
        worst <= SAME_MOMENT_MS,
        f"at most {worst:.0f} ms apart",
    )


def _apart(at_ms: float, moments: list[float], report: CallReport) -> float:
    nearest = min((abs(it.start_ms - at_ms) for it in report.heard), default=float("inf"))
    follows_another = any(
        it.start_ms < at_ms <= it.end_ms
        and any(abs(it.start_ms - other) <= SAME_MOMENT_MS for other in moments if other < at_ms)
        for it in report.heard
    )
    return 0.0 if nearest > SAME_MOMENT_MS and follows_another else nearest
