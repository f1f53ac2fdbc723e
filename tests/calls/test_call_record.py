"""One call as JSON: the names are part of the outside contract."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client

from calls.call_record import call_record
from calls.call_rows import write
from calls.happenings import (
    CallOver,
    CallRang,
    CustomerKnown,
    RanWith,
    Said,
    StreamBegan,
    ToolRan,
    ToolsOffered,
    Used,
)
from calls.models import Call, EndedBy, Speaker
from calls.timing import Timings
from tests.calls.samples import CALL_SID, STREAM_SID

pytestmark = pytest.mark.django_db
BEGAN_AT = datetime(2026, 3, 9, 14, 30, 0, 250_000, tzinfo=UTC)


@pytest.fixture
def finished_call() -> Call:
    timings = Timings(
        first_audio_ms=2.34567,
        agent_ready_ms=84.0,
        context_prefetch_ms=12.0,
        context_injected_ms=13.0,
        first_llm_response_ms=4_100.0,
        first_reply_audio_ms=4_600.0,
    )
    for happening in (
        CallRang(CALL_SID, "+351200000002", "+351200000001", "Reception", 42, 3.51),
        StreamBegan(
            CALL_SID,
            STREAM_SID,
            BEGAN_AT,
            "p1",
            RanWith("Reception", 1, 42, "Receptionist", 3),
        ),
        CustomerKnown(CALL_SID, "Maria Conceição", "7"),
        # Written as they were confirmed, which is not the order in which they were said.
        Said(CALL_SID, Speaker.AGENT, "We open at nine.", 4_600.0, 6_000.0, True, 612.34),
        Said(CALL_SID, Speaker.CALLER, "A que horas abrem?", 2_000.0, 3_900.0),
        ToolsOffered(CALL_SID, ("end_call", "get_current_time"), 4_100.0),
        ToolRan(
            CALL_SID, "get_current_time", {}, "ok", 4_200.0, 0.44, {"ok": True, "time": "14:30"}
        ),
        ToolsOffered(CALL_SID, ("end_call", "get_current_time", "get_customer"), 5_000.0),
        Used(CALL_SID, 900, 640, 12),
        Used(CALL_SID, tts_characters=16),
        CallOver(CALL_SID, EndedBy.AGENT, BEGAN_AT + timedelta(seconds=9), 9_000.0, timings),
    ):
        write(happening)
    return Call.objects.get()


def test_it_tells_everything_under_the_names_of_the_contract(finished_call: Call) -> None:
    record = call_record(finished_call)
    del record["admin_path"]
    assert record == {
        "call_sid": CALL_SID,
        "status": "completed",
        "ended_by": "agent",
        "agent": "Reception",
        "revision": 42,
        "started_at": "2026-03-09T14:30:00.250000+00:00",
        "ended_at": "2026-03-09T14:30:09.250000+00:00",
        "duration_ms": 9_000,
        "timings": {
            "webhook_ms": 3.5,
            "first_audio_ms": 2.3,
            "agent_ready_ms": 84.0,
            "context_prefetch_ms": 12.0,
            "context_injected_ms": 13.0,
            "first_llm_response_ms": 4_100.0,
            "first_reply_audio_ms": 4_600.0,
        },
        "transcript": [
            {
                "speaker": "caller",
                "text": "A que horas abrem?",
                "at_ms": 2_000.0,
                "interrupted": False,
                "reply_ms": None,
                "tools_offered": None,
            },
            {
                "speaker": "agent",
                "text": "We open at nine.",
                "at_ms": 4_600.0,
                "interrupted": True,
                "reply_ms": 612.3,
                "tools_offered": ["end_call", "get_current_time"],
            },
        ],
        "tool_runs": [
            {
                "name": "get_current_time",
                "arguments": {},
                "outcome": "ok",
                "result": {"ok": True, "time": "14:30"},
                "ms": 0.4,
            }
        ],
        "customer": "Maria Conceição",
        "recording": None,
        "recording_state": None,
        "summary": None,
        "details": {},
        "ran_with": {
            "prompt_name": "Receptionist",
            "prompt_version": 3,
            "clip_name": None,
            "clip_version": None,
            "process_id": "p1",
        },
        "used": {
            "llm_input_tokens": 900,
            "llm_cached_tokens": 640,
            "llm_output_tokens": 12,
            "tts_characters": 16,
        },
    }


def test_it_says_where_the_admin_shows_the_call(finished_call: Call, client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    assert client.get(call_record(finished_call)["admin_path"]).status_code == 200


def test_it_says_null_of_what_never_happened() -> None:
    write(CallRang(CALL_SID, "", "", "Reception", 42, 3.5))
    record = call_record(Call.objects.get())
    assert (record["status"], record["transcript"], record["tool_runs"]) == ("ringing", [], [])
    for name in ("ended_by", "started_at", "ended_at", "duration_ms", "customer"):
        assert record[name] is None
    assert record["timings"].pop("webhook_ms") == 3.5
    assert set(record["timings"].values()) == {None}


def test_the_command_prints_one_json_document(finished_call: Call) -> None:
    output = io.StringIO()
    call_command("call_record", CALL_SID, stdout=output)
    assert json.loads(output.getvalue()) == call_record(finished_call)
    assert "Conceição" in output.getvalue()


def test_the_command_says_when_there_is_no_such_call() -> None:
    with pytest.raises(CommandError, match="No call CA0 is on record"):
        call_command("call_record", "CA0", stdout=io.StringIO())
