"""The simulated caller is transferred as Twilio would, and notices what goes wrong with it."""

import asyncio

import pytest

from rehearsal.caller import CallReport, CallScript, Colleague, SimulatedCaller, WaitForHangup
from rehearsal.caller.timeline import timeline
from tests.rehearsal.fake_server import PUBLIC_BASE_URL, TONE, FakeServer, Socket, running

NUMBER = "+351200000009"
DIAL = (
    f'<Dial answerOnBridge="true" timeout="25" action="{PUBLIC_BASE_URL}/dial-ended?language=en">'
    f'<Number url="{PUBLIC_BASE_URL}/whisper?key=abc&amp;x=%20y">{NUMBER}</Number></Dial>'
)


def transferring_with(verbs: str):
    async def behave(socket: Socket) -> None:
        await socket.say(TONE * 10)
        await asyncio.sleep(0.3)
        await socket.server.change_call("in-progress", f"<Response>{verbs}</Response>")
        await socket.drain()

    return behave


async def call(server: FakeServer, colleague: Colleague = Colleague()) -> CallReport:  # noqa: B008
    script = CallScript("test", (WaitForHangup(),), colleague=colleague)
    async with running(server), asyncio.timeout(20):
        return await SimulatedCaller(server.target()).call(script)


async def test_it_ends_the_stream_dials_and_hears_the_whisper_as_the_colleague():
    server = FakeServer(transferring_with(DIAL))
    report = await call(server)
    assert report.ok, report.failures
    assert report.ended_by == "server-rest"
    assert report.goodbye_heard is True
    assert server.sockets[0].received[-1]["event"] == "stop"
    assert (report.transferred_to, report.dial_status) == (NUMBER, "completed")
    assert report.whispered == "A caller."
    assert report.afterwards == (f"Dial {NUMBER}", "Hangup")
    (leg,) = server.posted("/whisper")
    assert leg["CallSid"] != report.call_sid
    assert (leg["ParentCallSid"], leg["To"]) == (report.call_sid, NUMBER)
    (ended,) = server.posted("/dial-ended")
    assert ended["CallSid"] == report.call_sid
    assert (ended["DialCallStatus"], ended["DialBridged"]) == ("completed", "true")
    assert server.posted("/stream-ended") == [], "new TwiML takes the place of the old"


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed"])
async def test_nobody_picks_up_and_the_caller_is_told_so(status):
    sorry = "<Response><Say language='en-US'>Sorry.</Say><Hangup/></Response>"
    server = FakeServer(transferring_with(DIAL), dial_ended_twiml=sorry)
    report = await call(server, Colleague(status=status))
    assert report.ok, report.failures
    assert (report.dial_status, report.whispered) == (status, None)
    assert report.told_afterwards == ("Sorry.",)
    assert server.posted("/whisper") == []


async def test_a_colleague_can_hang_up_on_the_whisper():
    server = FakeServer(transferring_with(DIAL))
    report = await call(server, Colleague(bridges=False))
    assert report.whispered == "A caller."
    assert server.posted("/dial-ended")[0]["DialBridged"] == "false"


async def test_it_dials_when_the_connect_action_says_so():
    async def closing(socket: Socket) -> None:
        await socket.say(TONE * 10)
        await asyncio.sleep(0.3)

    server = FakeServer(closing, action_twiml=f"<Response>{DIAL}</Response>")
    report = await call(server)
    assert report.ok, report.failures
    assert (report.ended_by, report.transferred_to) == ("server-socket", NUMBER)


@pytest.mark.parametrize(
    ("verbs", "complaint"),
    [
        (f'<Dial>{NUMBER}</Dial><Pause length="40"/>', "ends with a <Pause>"),
        (DIAL + "<Say>Bye.</Say>", "never read"),
        (f"<Dial>{NUMBER}</Dial><Dial>{NUMBER}</Dial>", "transferred twice"),
        ("<Dial>the front desk</Dial>", "no E.164 number"),
        (f'<Dial action="a" method="GET">{NUMBER}</Dial>', "only post"),
        (f'<Dial speed="2">{NUMBER}</Dial>', "does not know"),
        (f"<Dial><Number>{NUMBER}</Number><Number>{NUMBER}</Number></Dial>", "exactly one"),
        ("<Enqueue>support</Enqueue>", "no simulated caller knows"),
        ('<Connect><Stream url="wss://voice.example.org/m"/></Connect>', "upgrade with 404"),
    ],
)
async def test_it_complains_of_twiml_that_would_lose_the_call(verbs, complaint):
    report = await call(FakeServer(transferring_with(verbs)))
    assert [failure for failure in report.failures if complaint in failure], report.failures


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"whisper_twiml": "<Response><Dial>+351200000001</Dial></Response>"}, "instead of"),
        ({"whisper_twiml": "nonsense"}, "not well-formed"),
        ({"dial_ended_twiml": f"<Response>{DIAL}</Response>"}, "transferred twice"),
        ({"dial_ended_twiml": ""}, "not well-formed"),
    ],
)
async def test_it_complains_of_what_it_is_answered_on_the_way(changes, complaint):
    report = await call(FakeServer(transferring_with(DIAL), **changes))
    assert [failure for failure in report.failures if complaint in failure], report.failures


async def test_it_notices_a_server_that_hangs_up_on_the_transferred_caller():
    server = FakeServer(transferring_with(DIAL))

    async def hang_up_once_somebody_has_picked_up() -> None:
        while not server.posted("/whisper"):
            await asyncio.sleep(0.01)
        await server.change_call("completed")

    async with asyncio.TaskGroup() as group:
        group.create_task(hang_up_once_somebody_has_picked_up())
        report = await call(server)
    assert report.failures == ("The server hung up on a call that it had transferred.",)


async def test_its_timeline_tells_of_the_transfer():
    text = timeline(await call(FakeServer(transferring_with(DIAL))))
    assert f"transferred to {NUMBER}: completed" in text
    assert 'who picked up heard "A caller."' in text
