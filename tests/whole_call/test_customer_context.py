"""Who is calling, early, late and never: nothing waits for it and nothing is lost by it."""

import asyncio
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from calls import caller_context
from calls.live import live_calls
from customers.directory import DirectoryError
from customers.records import CustomerRecord
from rehearsal.caller import CallReport, HangUp, Speak, WaitForAgent
from tests.whole_call.rig import GREETING_TEXT, KNOWN_NAME, KNOWN_NUMBER, Rig

pytestmark = pytest.mark.django_db(transaction=True)

GREETING_END = WaitForAgent("finished")
# No tool is needed to answer them: one would look the caller up by itself.
TWO_QUESTIONS = (
    GREETING_END,
    Speak("ask-hours"),
    WaitForAgent("finished"),
    Speak("ask-hours"),
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


def assert_nothing_was_lost(rig: Rig, report: CallReport) -> None:
    """After TWO_QUESTIONS: each was answered once, in order, and the model was told all of it."""
    first_reply, second_reply = replies(rig, report.call_sid)
    asked = ("user", "Can you tell me your opening hours please?")
    before = [("assistant", GREETING_TEXT), asked]
    assert rig.conversations() == [before, [*before, ("assistant", first_reply), asked]]
    assert " ".join(rig.spoken_texts()) == f"{first_reply} {second_reply}"
    assert [reply.start_ms is not None for reply in report.replies] == [True, True]


def assert_the_first_reply_did_not_wait(report: CallReport) -> None:
    """The directories of these tests take 30 s if nothing happens; a reply about 1 s."""
    gap_ms = report.replies[0].gap_ms
    assert gap_ms is not None and gap_ms < 6_000


def greeting_was_heard() -> bool:
    """By the only caller of the test."""
    greetings = [session._line.greeting for session in live_calls._sessions.values()]  # type: ignore[attr-defined]
    return any(greeting is not None and greeting.settled for greeting in greetings)


async def test_it_knows_a_customer_of_the_local_directory_from_the_first_turn(rig: Rig) -> None:
    report = await rig.call(*TWO_QUESTIONS, from_number=KNOWN_NUMBER)
    assert report.ok, report.failures
    prompts = rig.system_prompts()
    assert all(f"name: {KNOWN_NAME}" in prompt for prompt in prompts)
    assert "Maria" in rig.record(report.call_sid)["transcript"][2]["text"]
    assert rig.record(report.call_sid)["customer"] == KNOWN_NAME
    assert_nothing_was_lost(rig, report)


def replies(rig: Rig, call_sid: str) -> list[str]:
    """What the agent said after its greeting."""
    said = rig.record(call_sid)["transcript"]
    return [line["text"] for line in said if line["speaker"] == "agent"][1:]


async def test_a_customer_who_is_found_before_the_first_turn_ends_is_named_in_the_first_reply(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PREFETCH_TIMEOUT = 30.0
    # The caller speaks from 0.7 s after the greeting on, for 2.8 s.
    use(Directory(0.0, until=greeting_was_heard), monkeypatch)
    report = await rig.call(*TWO_QUESTIONS, from_number=KNOWN_NUMBER)
    assert report.ok, report.failures
    record = rig.record(report.call_sid)
    asked, first = record["transcript"][1:3]
    assert 1_500 < record["timings"]["context_injected_ms"] < first["at_ms"]
    assert asked["text"] and "Maria" in first["text"]
    assert f"name: {KNOWN_NAME}" in rig.system_prompts()[0]
    assert_nothing_was_lost(rig, report)
    assert_the_first_reply_did_not_wait(report)


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
    assert_nothing_was_lost(rig, report)
    assert_the_first_reply_did_not_wait(report)
    first_reply, second_reply = replies(rig, report.call_sid)
    assert "Maria" not in first_reply, "it did not wait"
    assert "Maria" in second_reply


async def test_it_goes_on_without_a_customer_who_comes_too_late(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PREFETCH_TIMEOUT = 0.5
    use(Directory(30.0), monkeypatch)
    report = await rig.call(*TWO_QUESTIONS, from_number=KNOWN_NUMBER)
    assert report.ok, report.failures
    assert all(KNOWN_NAME not in prompt for prompt in rig.system_prompts())
    record = rig.record(report.call_sid)
    assert record["customer"] is None and record["timings"]["context_injected_ms"] is None
    assert "Maria" not in str(replies(rig, report.call_sid))
    assert_nothing_was_lost(rig, report)
    assert_the_first_reply_did_not_wait(report)


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
