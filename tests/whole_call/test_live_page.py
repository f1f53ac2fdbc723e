"""Colleagues see a call while it runs, and have a hand on it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session

from calls.live_page import carrier, door
from calls.models import CallEvent
from catalog.models import TransferTarget
from rehearsal.caller import (
    CallReport,
    CallScript,
    HangUp,
    Pause,
    SimulatedCaller,
    Speak,
    WaitForAgent,
    WaitForHangup,
)
from staff.models import AuditEntry
from tests.whole_call.desk import at_the_desk
from tests.whole_call.live_page_socket import PageSocket, logged_in, page_of
from tests.whole_call.rig import GREETING_TEXT, Rig

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERED = WaitForAgent("finished")
CALLER = "+12025550100"


@asynccontextmanager
async def calling(rig: Rig, *steps: Any) -> AsyncIterator["asyncio.Task[CallReport]"]:
    """A call beside the test, which waits for its end."""
    script = CallScript("test", steps, from_number=CALLER, limit_seconds=40.0)
    async with asyncio.TaskGroup() as group:
        yield group.create_task(SimulatedCaller(rig.target).call(script))


async def refused_with(rig: Rig, cookies: str, origin: str = "") -> int:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with page_of(rig, cookies, origin):
            pass
    status: int = refused.value.response.status_code
    return status


async def test_two_pages_see_each_line_once_and_as_it_is_spoken(rig: Rig) -> None:
    first, late = logged_in("S"), logged_in("X")
    async with page_of(rig, first) as page, page_of(rig, late) as other:
        async with calling(rig, ANSWERED, Speak("ask-hours"), ANSWERED, Pause(1_000), HangUp()):
            card = await page.hear_of("call")
            call_sid = card["call"]
            assert (card["number"], card["agent"]) == (CALLER, rig.agent.name)
            assert 0 <= card["age_ms"] < 3_000
            await page.hear_of("line", call=call_sid, speaker="agent", text=GREETING_TEXT)
            await page.hear_of("saying", speaker="caller")
            await page.hear_of("line", speaker="caller")
            await page.hear_of("saying", speaker="agent")
            assert len(page.lines(call_sid)) == 2, "the reply is shown while it is spoken"
        for each in (page, other):
            over = await each.hear_of("over", call=call_sid)
            assert over["ended_by"] == "Caller"
    said = [(it["speaker"], it["text"]) for it in rig.record(call_sid)["transcript"]]
    assert len(said) == 3
    assert page.lines(call_sid) == said == other.lines(call_sid)


async def test_a_page_that_comes_late_sees_what_was_said_before(rig: Rig) -> None:
    cookies = logged_in("M")
    async with calling(rig, ANSWERED, Speak("ask-hours"), ANSWERED, Pause(3_500), HangUp()):
        await asyncio.sleep(4.0)
        async with page_of(rig, cookies) as page:
            call_sid = (await page.hear_of("call"))["call"]
            await page.hear_of("line", text=GREETING_TEXT)
            await page.hear_of("over")
    said = [(it["speaker"], it["text"]) for it in rig.record(call_sid)["transcript"]]
    assert page.lines(call_sid) == said


async def test_a_whisper_changes_the_next_request_and_is_not_heard(rig: Rig) -> None:
    cookies = logged_in("S")
    guidance = "Offer a visit on Friday."
    steps = (ANSWERED, Pause(2_000), Speak("ask-hours"), ANSWERED, HangUp())
    async with page_of(rig, cookies) as page, calling(rig, *steps):
        call_sid = (await page.hear_of("call"))["call"]
        await page.hear_of("line", text=GREETING_TEXT)
        answer = await page.order("whisper", call_sid, guidance)
        assert answer["done"], answer
    (request,) = rig.conversations()
    assert [role for role, text in request if guidance in text] == ["developer"]
    assert request[-1][0] == "user", "it started no reply, and the caller was answered"
    assert not any(guidance in text for text in rig.spoken_texts())
    record = rig.record(call_sid)
    assert not any(guidance in line["text"] for line in record["transcript"])
    event = at_the_desk(lambda: CallEvent.objects.get(name="guidance", call__call_sid=call_sid))
    assert event.detail == f"supervisor: {guidance}"
    (entry,) = at_the_desk(lambda: list(AuditEntry.objects.filter(actor_name="supervisor")))
    assert entry.additional_data == {"live": {"order": "whisper", "call_sid": call_sid}}


async def test_it_hangs_up_and_the_record_says_who_did(rig: Rig) -> None:
    async with page_of(rig, logged_in("S")) as page:
        async with calling(rig, ANSWERED, WaitForHangup()) as call:
            call_sid = (await page.hear_of("call"))["call"]
            answer = await page.order("hang-up", call_sid)
            assert answer["done"], answer
            await page.hear_of("over", call=call_sid)
        assert call.result().ended_by == "server-rest"
        assert rig.record(call_sid)["ended_by"] == "staff"
        again = await page.order("hang-up", call_sid)
    assert (again["done"], again["text"]) == (False, "This call is over already.")


async def test_it_transfers_to_a_target_of_the_agent_and_to_nobody_else(rig: Rig) -> None:
    def employ() -> None:
        TransferTarget.objects.create(agent=rig.agent, name="Dr. Silva", number="+351200000032")

    at_the_desk(employ)
    rig.edit_agent(business_name="Silver Birch Dental")
    steps = (ANSWERED, WaitForHangup())
    async with page_of(rig, logged_in("S")) as page, calling(rig, *steps) as call:
        card = await page.hear_of("call")
        assert "Dr. Silva" in card["targets"]
        await page.hear_of("line", text=GREETING_TEXT)
        refused = await page.order("transfer", card["call"], "+19005550100")
        assert not refused["done"]
        answer = await page.order("transfer", card["call"], "Dr. Silva")
        assert answer["done"], answer
    assert call.result().transferred_to == "+351200000032"
    record = rig.record(card["call"])
    assert record["ended_by"] == "transfer"
    assert record["transcript"][-1]["text"] == "One moment, I am putting you through."


async def test_who_may_only_look_sees_no_whole_number_and_may_order_nothing(rig: Rig) -> None:
    def hire_looker() -> None:
        user = User.objects.get(username="colleague")
        user.user_permissions.add(Permission.objects.get(codename="view_call"))

    cookies = logged_in("C")
    at_the_desk(hire_looker)
    async with page_of(rig, cookies) as page, calling(rig, ANSWERED, Pause(1_000), HangUp()):
        card = await page.hear_of("call")
        assert card["number"] == "+120 ••• 100"
        for order in ("hang-up", "transfer", "whisper"):
            answer = await page.order(order, card["call"], "anything")
            assert (answer["done"], answer["text"]) == (False, "You may not do this.")
    assert rig.record(card["call"])["ended_by"] == "caller"
    assert at_the_desk(lambda: AuditEntry.objects.filter(actor_name="colleague").count()) == 0


async def test_a_right_that_is_taken_away_is_gone_at_the_next_order(rig: Rig) -> None:
    steps = (ANSWERED, Pause(1_500), HangUp())
    async with page_of(rig, logged_in("S")) as page, calling(rig, *steps):
        card = await page.hear_of("call")
        at_the_desk(lambda: User.objects.get(username="supervisor").groups.clear())
        await page.socket.send(json.dumps({"order": "hang-up", "call": card["call"]}))
        assert await page.closed_with() == 4403
    assert rig.record(card["call"])["ended_by"] == "caller"


async def test_a_page_whose_person_has_logged_out_is_closed(rig: Rig) -> None:
    async with page_of(rig, logged_in("S")) as page:
        await page.hear_of("state", away=False)
        at_the_desk(lambda: Session.objects.all().delete())
        assert await page.closed_with() == 4403


@pytest.mark.parametrize("letter", ["A", "C", "E"])
async def test_who_may_not_see_calls_gets_no_socket(rig: Rig, letter: str) -> None:
    assert await refused_with(rig, logged_in(letter)) == 403


@pytest.mark.parametrize("cookies", ["", "sessionid=", "sessionid=made-up", "=;;sessionid=%00"])
async def test_a_stranger_gets_no_socket(rig: Rig, cookies: str) -> None:
    assert await refused_with(rig, cookies) == 403


async def test_a_page_that_comes_while_too_many_ask_is_told_to_come_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made-up cookies: each takes a look into the database, in the thread that all share."""
    cookies = logged_in("S")
    monkeypatch.setattr(door, "_looking_up", door.LOOK_UPS_AT_ONCE)
    assert await refused_with(rig, cookies) == 503
    monkeypatch.setattr(door, "_looking_up", door.LOOK_UPS_AT_ONCE - 1)
    async with page_of(rig, cookies) as page:
        await page.hear_of("state", away=False)


async def test_a_page_of_another_site_is_turned_away(rig: Rig) -> None:
    assert await refused_with(rig, logged_in("S"), "https://elsewhere.example") == 403


HOSTILE = (
    "{",
    "[]",
    "null",
    '"hang-up"',
    '{"order": "explode", "id": "1"}',
    '{"order": ["hang-up"], "id": 7, "call": {}}',
    '{"order": "hang-up", "id": "2", "call": "CAffffffffffffffffffffffffffffffff"}',
    json.dumps({"order": "whisper", "id": "3", "call": "CA", "text": "x" * 100_000}),
    "[" * 3_000,
)


async def test_whatever_a_page_sends_is_answered_and_harms_nobody(rig: Rig) -> None:
    async with page_of(rig, logged_in("S")) as page:
        for text in HOSTILE:
            await page.socket.send(text)
        await page.socket.send(b"\x00\xff")
        answers = [await page.hear(_answer_after(page, index)) for index in range(len(HOSTILE) + 1)]
        assert not any(answer["done"] for answer in answers)


def _answer_after(page: PageSocket, index: int) -> Any:
    def fits(message: dict[str, Any]) -> bool:
        answers = [it for it in page.told if it["kind"] == "answer"]
        return len(answers) > index and message is answers[index]

    return fits


async def test_a_page_that_floods_is_closed(rig: Rig) -> None:
    async with page_of(rig, logged_in("S")) as page:
        try:
            for _ in range(200):
                await page.socket.send("{}")
        except websockets.ConnectionClosed:
            pass
        assert await page.closed_with() == 4408


async def test_nothing_leaves_the_process_while_nobody_watches(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    put = carrier.Carrier.put

    def noted(self: carrier.Carrier, entry: dict[str, Any]) -> None:
        sent.append(entry["kind"])
        put(self, entry)

    monkeypatch.setattr(carrier.Carrier, "put", noted)
    for one in carrier._carriers.values():  # A page that was open a moment ago still counts.
        one._watched_until = 0.0
    report = await rig.call(ANSWERED, Speak("ask-hours"), ANSWERED, HangUp())
    rig.record(report.call_sid)
    assert sent == ["call", "over"]
