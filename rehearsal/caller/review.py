"""What a call's raw observations mean: replies, interruptions, failures. Pure."""

import math
from collections.abc import Sequence

from rehearsal.caller.misdeeds import Misdeed
from rehearsal.caller.observed import Ending, Observed
from rehearsal.caller.report import (
    AroundTheStream,
    CallReport,
    ClearSeen,
    Reply,
    Schedule,
    Spoken,
)
from rehearsal.caller.script import CallScript, Speak

# An interruption must silence the agent this soon after the line's end at the latest.
INTERRUPTION_DEADLINE_MS = 1_500.0
HEARD_TOLERANCE_MS = 40.0
# The buffer may be empty for a moment when the agent is cut off in mid-sentence.
BETWEEN_WORDS_MS = 300.0


def review(
    script: CallScript, around: AroundTheStream, observed: Observed, ending: Ending
) -> CallReport:
    """The report of a call."""
    return CallReport(
        call_sid=around.call_sid,
        stream_sid=around.stream_sid,
        script=around.script,
        verbs=around.verbs,
        webhook_ms=around.webhook_ms,
        ws_open_ms=around.ws_open_ms,
        first_audio_ms=observed.first_audio_ms,
        heard=observed.heard,
        said=tuple(Spoken(it.line, it.text, it.start_ms, it.end_ms) for it in observed.said),
        replies=_replies(observed),
        marks=observed.marks,
        clears=_clears(observed),
        gaps=observed.gaps,
        ended_by=ending.by,
        ended_ms=ending.at_ms,
        close_code=observed.close_code,
        goodbye_heard=_goodbye_heard(observed, ending),
        unheard_ms=observed.unheard_ms,
        streams=observed.streams,
        followed=around.followed.verbs,
        clips=around.followed.clips,
        transferred_to=around.followed.transferred_to,
        dial_status=around.followed.dial_status,
        whispered=around.followed.whispered,
        told_afterwards=around.followed.told,
        fallback=around.fallback,
        total_ms=around.total_ms,
        misbehaviour=around.misbehaviour,
        deeds=around.deeds,
        schedule=_schedule(observed.lags_ms),
        violations=observed.violations + around.followed.violations,
        error=ending.complaint if ending.by == "error" else "",
        failures=_failures(script, around, observed, ending),
        wav_path=around.wav_path,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _replies(observed: Observed) -> tuple[Reply, ...]:
    """For each line the first speech of the agent that began after the line did.

    What a clear cut off before the next line was no reply: it went on from before.
    """
    next_starts = [it.start_ms for it in observed.said[1:]] + [math.inf]
    found = []
    for one, until_ms in zip(observed.said, next_starts, strict=False):
        cuts = [it.at_ms for it in observed.clears if one.start_ms < it.at_ms < until_ms]
        from_ms = max([one.start_ms, *cuts])
        starts = [it.start_ms for it in observed.heard if from_ms < it.start_ms < until_ms]
        start = starts[0] if starts else None
        gap = None if start is None else start - one.end_ms
        found.append(Reply(one.line, one.end_ms, start, gap))
    return tuple(found)


def _clears(observed: Observed) -> tuple[ClearSeen, ...]:
    found = []
    for clear in observed.clears:
        before = [one for one in observed.said if one.start_ms < clear.at_ms]
        line = before[-1] if before else None
        found.append(
            ClearSeen(
                at_ms=clear.at_ms,
                thrown_away_ms=clear.thrown_away_ms,
                interrupted=_was_speaking(observed, clear.at_ms),
                line=line.line if line else None,
                after_line_start_ms=clear.at_ms - line.start_ms if line else None,
            )
        )
    return tuple(found)


def _was_speaking(observed: Observed, at_ms: float) -> bool:
    return any(
        it.start_ms < at_ms and it.end_ms > at_ms - BETWEEN_WORDS_MS for it in observed.heard
    )


def _schedule(lags_ms: Sequence[float]) -> Schedule:
    if not lags_ms:
        return Schedule(0, 0.0, 0.0)
    return Schedule(len(lags_ms), percentile(lags_ms, 0.99), max(lags_ms))


def _goodbye_heard(observed: Observed, ending: Ending) -> bool | None:
    """Whether the agent answered the last line, and its words were played to the end."""
    if ending.by not in ("server-rest", "server-socket"):
        return None
    last_line_ms = observed.said[-1].start_ms if observed.said else 0.0
    spoke = any(it.end_ms > last_line_ms for it in observed.heard)
    return spoke and observed.unheard_ms <= HEARD_TOLERANCE_MS


def _failures(
    script: CallScript, around: AroundTheStream, observed: Observed, ending: Ending
) -> tuple[str, ...]:
    """Why the call did not go as its script wants; empty when it did."""
    found = [ending.complaint] if ending.complaint else []
    if _goodbye_heard(observed, ending) is False and not _may_end_at_once(script):
        found.append("The agent hung up before its last words were heard.")
    found += _failed_interruptions(script, observed)
    for violation in (observed.violations + around.followed.violations)[:1]:
        found.append(f"The server broke Twilio's message schema: {violation}")
    return (*found, *around.followed.troubles, *around.troubles)


def _may_end_at_once(script: CallScript) -> bool:
    """Whether the server may end such a call without a goodbye."""
    misdeeds = [step for step in script.steps if isinstance(step, Misdeed)]
    return script.conduct.has_to_be_refused or any(it.server != "goes on" for it in misdeeds)


def _failed_interruptions(script: CallScript, observed: Observed) -> list[str]:
    speaking_steps = [step for step in script.steps if isinstance(step, Speak)]
    moments = [clear.at_ms for clear in _clears(observed) if clear.interrupted]
    found = []
    for step, one in zip(speaking_steps, observed.said, strict=False):
        latest_ms = one.end_ms + INTERRUPTION_DEADLINE_MS
        if step.interrupting and not any(one.start_ms < at <= latest_ms for at in moments):
            found.append(f"The agent was not interrupted by {one.line!r}.")
    return found
