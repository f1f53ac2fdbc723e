"""Who is calling, early, late and never: nothing waits for it and nothing is lost by it."""

import asyncio
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from calls import caller_context
from customers.directory import DirectoryError
from customers.records import CustomerRecord
from rehearsal.caller import HangUp, Speak, WaitForAgent
from tests.whole_call.rig import KNOWN_NAME, KNOWN_NUMBER, Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETING_END = WaitForAgent("finished")
TWO_QUESTIONS = (
    GREETING_END,
    Speak("ask-hours"),
    WaitForAgent("finished"),
    Speak("who-am-i"),
    WaitForAgent("finished"),
    HangUp(),
)


class Directory:
    """Answers after a while, or when something has happened, or fails."""

    def __init__(
        self,
        seconds: float,
        error: Exception | None = None,
        until: Callable[[], bool] = lambda: True,
    ) -> None:
        self.seconds, self.error, self.until = seconds, error, until

    async def find_by_phone(self, number: str) -> CustomerRecord | None:
        await asyncio.sleep(self.seconds)
        while not self.until():
            await asyncio.sleep(0.05)
        if self.error is not None:
            raise self.error
        return CustomerRecord(1, KNOWN_NAME, "en", "active", "", ("Likes mornings.",))


def use(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller_context, "get_directory", lambda: directory)


def assert_conversation_is_whole(rig: Rig) -> None:
    """No message of an earlier request is missing in a later one."""
    conversations = rig.conversations()
    for earlier, later in zip(conversations, conversations[1:], strict=False):
        assert later[: len(earlier)] == earlier


async def test_it_knows_a_customer_of_the_local_directory_from_the_first_turn(rig: Rig) -> None:
    report = await rig.call(*TWO_QUESTIONS, from_number=KNOWN_NUMBER)
    assert report.ok, report.failures
    prompts = rig.system_prompts()
    assert all(f"name: {KNOWN_NAME}" in prompt for prompt in prompts)
    assert "Maria" in rig.record(report.call_sid)["transcript"][2]["text"]
    assert rig.record(report.call_sid)["customer"] == KNOWN_NAME
    assert_conversation_is_whole(rig)


def replies(rig: Rig, call_sid: str) -> list[str]:
    """What the agent said after its greeting."""
    said = rig.record(call_sid)["transcript"]
    return [line["text"] for line in said if line["speaker"] == "agent"][1:]


async def test_a_customer_who_is_found_while_the_caller_speaks_is_named_in_the_first_reply(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PREFETCH_TIMEOUT = 30.0
    # The greeting takes 2 s, and the caller speaks from 2.7 s on.
    use(Directory(3.0), monkeypatch)
    report = await rig.call(*TWO_QUESTIONS, from_number=KNOWN_NUMBER)
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    asked, first = record["transcript"][1:3]
    assert 1_500 < record["timings"]["context_injected_ms"] < first["at_ms"]
    assert asked["text"] and "Maria" in first["text"]
    assert f"name: {KNOWN_NAME}" in rig.system_prompts()[0]
    assert_conversation_is_whole(rig)
    assert len(report.replies) == 2, "the injection triggered no reply"


async def test_it_adds_a_late_customer_without_touching_the_conversation(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PREFETCH_TIMEOUT = 30.0
    use(Directory(0.0, until=lambda: len(rig.model_requests()) == 1), monkeypatch)
    report = await rig.call(*TWO_QUESTIONS, from_number=KNOWN_NUMBER)
    assert report.ok, report.failures
    first, *later = rig.system_prompts()
    assert KNOWN_NAME not in first
    assert later and all(f"name: {KNOWN_NAME}" in prompt for prompt in later)
    assert_conversation_is_whole(rig)
    assert len(report.replies) == 2, "the injection triggered no reply"
    first_reply, second_reply = replies(rig, report.call_sid)
    assert "Maria" not in first_reply, "it did not wait"
    assert "Maria" in second_reply


async def test_it_goes_on_without_a_customer_who_comes_too_late(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PREFETCH_TIMEOUT = 0.5
    use(Directory(2.0), monkeypatch)
    report = await rig.call(*TWO_QUESTIONS, from_number=KNOWN_NUMBER)
    assert report.ok, report.failures
    assert all(KNOWN_NAME not in prompt for prompt in rig.system_prompts())
    record = rig.record(report.call_sid)
    assert record["customer"] is None and record["timings"]["context_injected_ms"] is None
    assert "Maria" not in str(replies(rig, report.call_sid))
    assert_conversation_is_whole(rig)


async def test_it_goes_on_when_the_directory_fails(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(Directory(0.1, DirectoryError("The directory is away.")), monkeypatch)
    report = await rig.call(GREETING_END, Speak("ask-hours"), WaitForAgent("finished"), HangUp())
    assert report.ok, report.failures
    assert rig.record(report.call_sid)["customer"] is None


async def test_it_looks_up_nobody_for_a_withheld_number(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(Directory(0.0), monkeypatch)
    report = await rig.call(GREETING_END, HangUp(), from_number="anonymous")
    assert rig.record(report.call_sid)["customer"] is None


async def test_it_waits_for_the_customer_when_parallel_prefetch_is_off(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PARALLEL_CONTEXT_PREFETCH = False
    use(Directory(1.2), monkeypatch)
    report = await rig.call(*TWO_QUESTIONS, from_number=KNOWN_NUMBER)
    assert report.ok, report.failures
    timings = rig.record(report.call_sid)["timings"]
    assert timings["agent_ready_ms"] >= 900
    assert report.first_audio_ms is not None and report.first_audio_ms < 500
    assert f"name: {KNOWN_NAME}" in rig.system_prompts()[0]


async def test_it_never_waits_beyond_the_limit_when_parallel_prefetch_is_off(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PARALLEL_CONTEXT_PREFETCH = False
    settings.PREFETCH_TIMEOUT = 0.4
    use(Directory(30.0), monkeypatch)
    report = await rig.call(GREETING_END, Speak("ask-hours"), WaitForAgent("finished"), HangUp())
    assert report.ok, report.failures
    assert 300 <= rig.record(report.call_sid)["timings"]["agent_ready_ms"] < 2_000
