"""What the demo prints: the call's timeline with bars, its transcript, and what held."""

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.caller import CallReport
from rehearsal.demo.claims import Claim

BAR_CHARS = 40
LABEL_CHARS = 26


def timeline(report: CallReport, record: Mapping[str, Any]) -> str:
    """Bars of the start-up on one scale, of the replies on another."""
    timings = record["timings"]
    start_up = [
        ("webhook answered", report.webhook_ms),
        ("first audio heard", report.first_audio_ms),
        ("customer in the prompt", timings["context_injected_ms"]),
        ("agent ready", timings["agent_ready_ms"]),
    ]
    replies = [
        (f"reply to {reply.line!r}", reply.gap_ms)
        for reply in report.replies
        if reply.gap_ms is not None and reply.gap_ms >= 0
    ]
    return "\n".join(
        [
            "Start-up, milliseconds (from the stream's start, but for the webhook)",
            *_bars(start_up, full_ms=100.0),
            "",
            "Replies, milliseconds from the caller's last sound to the agent's first",
            *_bars(replies, full_ms=2_000.0),
        ]
    )


def _bars(rows: Sequence[tuple[str, float | None]], full_ms: float) -> list[str]:
    return [_bar(label, ms, full_ms) for label, ms in rows]


def _bar(label: str, ms: float | None, full_ms: float) -> str:
    if ms is None:
        return f"  {label:<{LABEL_CHARS}} {'never':>9}"
    blocks = min(BAR_CHARS, max(1, round(BAR_CHARS * ms / full_ms)))
    more = "…" if ms > full_ms else ""
    return f"  {label:<{LABEL_CHARS}} {ms:>9.1f}  {'█' * blocks}{more}"


def transcript(record: Mapping[str, Any]) -> str:
    rows = ["Transcript, as it was heard"]
    for line in record["transcript"]:
        cut = " —" if line["interrupted"] else ""
        after = f"   ({line['reply_ms']:.0f} ms)" if line["reply_ms"] is not None else ""
        rows.append(
            f"  {line['at_ms'] / 1000:>6.1f} s  {line['speaker']:<6}  {line['text']}{cut}{after}"
        )
    return "\n".join(rows)


def verdicts(found: list[Claim]) -> str:
    rows = ["Observed"]
    rows += [f"  {'✓' if claim.holds else '✗'} {claim.text} — {claim.figure}" for claim in found]
    return "\n".join(rows)
