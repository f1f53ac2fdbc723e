"""What does one call look like as JSON? The names are part of the outside contract."""

from typing import Any

from django.urls import reverse

from calls.models import Call

TIMINGS = (
    "webhook_ms",
    "first_audio_ms",
    "agent_ready_ms",
    "context_prefetch_ms",
    "context_injected_ms",
    "first_llm_response_ms",
    "first_reply_audio_ms",
)


def call_record(call: Call) -> dict[str, Any]:
    """A JSON document: times are ISO 8601 in UTC, durations milliseconds, unknown values null."""
    return {
        "call_sid": call.call_sid,
        "status": call.status,
        "ended_by": call.ended_by or None,
        "agent": call.agent_name,
        "revision": call.revision,
        "started_at": call.started_at.isoformat() if call.started_at else None,
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        "duration_ms": call.duration_ms,
        "timings": {name: _rounded(getattr(call, name)) for name in TIMINGS},
        "transcript": [
            {
                "speaker": utterance.speaker,
                "text": utterance.text,
                "at_ms": _rounded(utterance.at_ms),
                "interrupted": utterance.interrupted,
                "reply_ms": _rounded(utterance.reply_ms),
            }
            for utterance in call.utterances.all()
        ],
        "tool_runs": [
            {
                "name": run.name,
                "arguments": run.arguments,
                "outcome": run.outcome,
                "ms": _rounded(run.ms),
            }
            for run in call.tool_runs.all()
        ],
        "customer": call.customer_name or None,
        "recording": call.recording or None,
        "summary": call.summary or None,
        "admin_path": reverse("admin:calls_call_change", args=(call.pk,)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
