"""What does one call look like as JSON? The names are part of the outside contract."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from calls.models import Call, Speaker, ToolOffer, Utterance

TIMINGS = (
    "webhook_ms",
    "first_audio_ms",
    "agent_ready_ms",
    "context_prefetch_ms",
    "context_injected_ms",
    "first_llm_response_ms",
    "first_reply_audio_ms",
)
RAN_WITH = ("prompt_name", "prompt_version", "clip_name", "clip_version", "process_id")
USED = ("llm_input_tokens", "llm_cached_tokens", "llm_output_tokens", "tts_characters")


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
        "transcript": _transcript(call),
        "tool_runs": [
            {
                "name": run.name,
                "arguments": run.arguments,
                "outcome": run.outcome,
                "result": run.result,
                "ms": _rounded(run.ms),
            }
            for run in call.tool_runs.all()
        ],
        "customer": call.customer_name or None,
        "recording": call.recording or None,
        "recording_state": call.recording_state or None,
        "summary": call.summary or None,
        "details": call.details,
        "ran_with": {name: getattr(call, name) or None for name in RAN_WITH},
        "used": {name: getattr(call, name) for name in USED},
        "admin_path": reverse("admin:calls_call_change", args=(call.pk,)),
    }


def _transcript(call: Call) -> list[dict[str, Any]]:
    offers = list(call.tool_offers.all())
    return [
        {
            "speaker": utterance.speaker,
            "text": utterance.text,
            "at_ms": _rounded(utterance.at_ms),
            "interrupted": utterance.interrupted,
            "reply_ms": _rounded(utterance.reply_ms),
            "tools_offered": offered_at(offers, utterance),
        }
        for utterance in call.utterances.all()
    ]


def offered_at(offers: Sequence[ToolOffer], utterance: Utterance) -> list[str] | None:
    """What the model could have used for this reply; None for what it did not say."""
    if utterance.speaker != Speaker.AGENT:
        return None
    before = [offer for offer in offers if offer.at_ms <= utterance.at_ms]
    return list(before[-1].names) if before else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
