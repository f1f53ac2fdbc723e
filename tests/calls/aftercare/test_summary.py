"""A call that is over is summed up by the model, which is told that the words are only words."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calls.aftercare import begin, summary, tasks
from calls.aftercare.answer_schema import answer_schema, can_be_strict
from calls.call_log import call_log
from calls.happenings import Happening, Milestone, Summarised
from calls.models import Call, Figure
from calls.settling import settle
from catalog.models import Agent, Prompt
from rehearsal.providers.fault_parsing import parse_faults
from rehearsal.providers.server import ProvidersConfig, serve
from tests.calls.records import make_call
from tests.whole_call.rig import LoopThread

pytestmark = pytest.mark.django_db(transaction=True)

SCHEMA = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "urgent": {"type": "boolean"}},
    "required": ["reason", "urgent"],
    "additionalProperties": False,
}


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[Happening]:
    happenings: list[Happening] = []
    monkeypatch.setattr(call_log, "post", happenings.append)
    return happenings


def a_call(**agent: Any) -> Call:
    prompt = Prompt.objects.create(name="Notes")
    row = Agent.objects.create(name="Notes", business_name="Desk", prompt=prompt, **agent)
    ended = timezone.now() - timedelta(seconds=60)
    return make_call(agent_key=row.pk, ended_at=ended, summary="", details={})


def test_it_writes_two_lines_and_the_owners_fields(settings: Any, posted: list[Happening]) -> None:
    thread = LoopThread("providers")
    providers = thread.run(serve(ProvidersConfig(port=0, ears="typed", voice="tone")))
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{providers.port}/v1"
    try:
        call = a_call(details_schema=SCHEMA)
        summary.summarise(call.call_sid)
        request: Any = providers.log.entries("llm", "request")[0].body
    finally:
        thread.run(providers.close())
        thread.stop()
    (written,) = posted
    assert isinstance(written, Summarised)
    assert written.summary.splitlines()[0].endswith("It is Maria, I have a toothache.")
    assert len(written.summary.splitlines()) == 2
    assert written.details == {"reason": "", "urgent": False}
    # What was said stands in the user's message alone, as JSON.
    system, user = request["messages"]
    assert "toothache" not in system["content"]
    assert json.loads(user["content"])[0]["speaker"] == "caller"


@pytest.mark.parametrize("fault", ["garbage", "drop"])
def test_an_answer_that_is_no_json_is_a_reason_to_ask_again_later(
    fault: str, settings: Any, posted: list[Happening]
) -> None:
    thread = LoopThread("providers")
    providers = thread.run(serve(ProvidersConfig(port=0, ears="typed", voice="tone")))
    settings.OPENAI_BASE_URL = f"http://127.0.0.1:{providers.port}/v1"
    providers.backstage.faults = parse_faults({"llm": fault})
    try:
        with pytest.raises(summary.SummaryFailed):
            summary.summarise(a_call().call_sid)
    finally:
        thread.run(providers.close())
        thread.stop()
    assert posted == []


def test_it_asks_again_and_then_without_the_fields(
    monkeypatch: pytest.MonkeyPatch, posted: list[Happening]
) -> None:
    answers = iter(["PWNED", '{"summary": "One", "details": {}}', '{"summary": "A\\nB\\nC"}'])
    monkeypatch.setattr(summary, "_asked", lambda *_args: next(answers))
    call = a_call(details_schema=SCHEMA)
    summary.summarise(call.call_sid)
    assert posted == [
        Milestone(call.call_sid, "details not usable"),
        Summarised(call.call_sid, "A\nB", {}),
    ]


@pytest.mark.parametrize("why", ["switched off", "erased", "no words"])
def test_it_asks_nobody_about_a_call_that_may_have_none(
    why: str, monkeypatch: pytest.MonkeyPatch, posted: list[Happening]
) -> None:
    monkeypatch.setattr(summary, "_asked", lambda *_args: pytest.fail("the model was asked"))
    call = a_call(summarise_calls=why != "switched off")
    if why == "erased":
        Call.objects.update(erased_at=timezone.now())
    if why == "no words":
        call.utterances.all().delete()
    summary.summarise(call.call_sid)
    assert posted == []


def test_it_tries_again_later_and_says_so_when_it_gives_up(
    settings: Any, posted: list[Happening]
) -> None:
    from django_tasks_db.models import DBTaskResult

    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"  # nobody listens there
    call = a_call()
    tasks.summarise_call.call(call.call_sid)
    assert DBTaskResult.objects.get().run_after > timezone.now() + timedelta(seconds=25)
    tasks.summarise_call.call(call.call_sid, len(tasks.SUMMARY_WAITS))
    assert [one.name for one in posted if isinstance(one, Milestone)] == ["summary failed"]


def test_each_call_that_is_over_is_to_be_summarised_once() -> None:
    from django_tasks_db.models import DBTaskResult

    a_call()
    settle()
    settle()
    assert DBTaskResult.objects.count() == 1


def test_a_schema_that_leaves_something_open_is_not_sent_as_strict() -> None:
    assert can_be_strict(answer_schema(SCHEMA))
    assert not can_be_strict(answer_schema({**SCHEMA, "required": ["reason"]}))


def test_a_call_is_counted_with_its_task_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is away: the next time, everything is done that this time was not."""
    from redis import ConnectionError as RedisIsAway

    enqueued: list[str] = []
    answers = iter([RedisIsAway(), None])

    class Queue:
        def enqueue(self, call_sid: str) -> None:
            answer = next(answers)
            if answer is not None:
                raise answer
            enqueued.append(call_sid)

    monkeypatch.setattr(begin, "summarise_call", Queue())
    call = a_call()
    with pytest.raises(RedisIsAway):
        settle()
    assert Call.objects.get().settled_at is None and not Figure.objects.exists()
    settle()
    assert enqueued == [call.call_sid] and Figure.objects.exists()
