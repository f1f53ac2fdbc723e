"""A call's report as lines of text with bars on a common time axis. Pure."""

from dataclasses import dataclass

from rehearsal.caller.deeds import Deed
from rehearsal.caller.report import CallReport

BAR_CHARS = 40


@dataclass(frozen=True, slots=True)
class Row:
    """Something that happened on the call, from one moment to another."""

    start_ms: float
    end_ms: float
    who: str
    note: str


def timeline(report: CallReport) -> str:
    """One call at length: how it was answered, who spoke when, how it ended."""
    name = " + ".join(filter(None, (report.script, report.misbehaviour)))
    lines = [f"{report.call_sid}  {name}  {_verdict(report)}", _opening(report)]
    lines += [_draw(row, report.ended_ms) for row in _rows(report)]
    lines += [_ending(report), *_afterwards(report), *map(_deed, report.deeds)]
    lines.append(_schedule(report))
    lines += [f"  ! {sentence}" for sentence in report.failures]
    lines += [f"  ! {sentence}" for sentence in report.violations]
    if report.wav_path:
        lines.append(f"  {report.wav_path}")
    return "\n".join(lines)


def one_line(report: CallReport) -> str:
    """One call in short: who spoke when in one bar (a: agent, c: caller, x: both)."""
    track = [" "] * BAR_CHARS
    for row in _rows(report):
        letter = {"agent": "a", "caller": "c"}.get(row.who, "")
        start, end = _columns(row, report.ended_ms)
        for column in range(start, end) if letter else ():
            track[column] = letter if track[column] in (" ", letter) else "x"
    bar = "".join(track)
    first = _ms(report.first_audio_ms)
    seconds = report.ended_ms / 1000
    line = f"{report.call_sid[:10]}… |{bar}| {seconds:5.1f} s  first {first}  {_verdict(report)}"
    did = "; ".join(f"{deed.did}: {deed.answer}" for deed in report.deeds)
    return f"{line}  {report.misbehaviour} ({did})" if report.misbehaviour else line


def _verdict(report: CallReport) -> str:
    return "ok" if report.ok else f"FAILED: {report.failures[0]}"


def _opening(report: CallReport) -> str:
    return (
        f"  webhook {_ms(report.webhook_ms)} · socket {_ms(report.ws_open_ms)} · "
        f"first audio {_ms(report.first_audio_ms)} after start"
    )


def _rows(report: CallReport) -> list[Row]:
    rows = [Row(it.start_ms, it.end_ms, "agent", "") for it in report.heard]
    for reply in report.replies:
        for index, row in enumerate(rows):
            if row.who == "agent" and row.start_ms == reply.start_ms:
                note = f"{_ms(reply.gap_ms)} after {reply.line}"
                rows[index] = Row(row.start_ms, row.end_ms, "agent", note)
    rows += [Row(it.start_ms, it.end_ms, "caller", f'"{it.text}"') for it in report.said]
    for clear in report.clears:
        if clear.interrupted and clear.after_line_start_ms is not None:
            note = f"silent {_ms(clear.after_line_start_ms)} after {clear.line} began"
            rows.append(Row(clear.at_ms, clear.at_ms, "cut", note))
    rows += [Row(it.at_ms, it.at_ms + it.length_ms, "gap", _ms(it.length_ms)) for it in report.gaps]
    return sorted(rows, key=lambda row: row.start_ms)


def _draw(row: Row, until_ms: float) -> str:
    start, end = _columns(row, until_ms)
    bar = " " * start + {"agent": "█", "caller": "▒"}.get(row.who, "×") * (end - start)
    return f"  {row.start_ms / 1000:6.2f} s  {row.who:6}  {bar:<{BAR_CHARS}}  {row.note}".rstrip()


def _columns(row: Row, until_ms: float) -> tuple[int, int]:
    scale = BAR_CHARS / max(1.0, until_ms)
    start = min(BAR_CHARS - 1, max(0, int(row.start_ms * scale)))
    return start, min(BAR_CHARS, max(start + 1, round(row.end_ms * scale)))


def _ending(report: CallReport) -> str:
    goodbye = {True: ", goodbye heard", False: ", goodbye NOT heard", None: ""}
    after = f", then {', '.join(report.afterwards)}" if report.afterwards else ""
    seconds = report.ended_ms / 1000
    return f"  {seconds:6.2f} s  ended by {report.ended_by}{goodbye[report.goodbye_heard]}{after}"


def _afterwards(report: CallReport) -> list[str]:
    lines = [f"    clip {url}" for url in report.clips]
    if report.fallback:
        lines.append(f"    Voice fallback: {report.fallback}")
    for stream in report.streams[1:]:
        lines.append(f"    taken up again at {stream.began_ms / 1000:.2f} s")
    if report.transferred_to:
        lines.append(f"    transferred to {report.transferred_to}: {report.dial_status}")
    if report.whispered:
        lines.append(f'    who picked up heard "{report.whispered}"')
    return lines + [f'    the caller was told "{text}"' for text in report.told_afterwards]


def _deed(deed: Deed) -> str:
    after = f" after {_ms(deed.after_ms)}" if deed.after_ms is not None else ""
    return (
        f"    misbehaved at {deed.at_ms / 1000:.2f} s: {deed.did}; the server {deed.answer}{after}"
    )


def _schedule(report: CallReport) -> str:
    lag = report.schedule
    return (
        f"  gaps: longest {_ms(report.longest_gap_ms)} · this caller's own frames were late by "
        f"{lag.p99_lag_ms:.1f} ms (p99), {lag.max_lag_ms:.1f} ms (most)"
    )


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} ms"
