"""Several callers at once, and the command that starts them."""

import asyncio
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from rehearsal.caller import CallScript, HangUp, Pause
from rehearsal.caller.crowd import rehearse
from tests.rehearsal.fake_server import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    PUBLIC_BASE_URL,
    TONE,
    FakeServer,
    Socket,
    running,
)


async def greet(socket: Socket) -> None:
    await socket.say(TONE * 10)
    await socket.drain()


async def test_ten_callers_make_ten_calls_and_arrive_one_after_the_other(tmp_path):
    arrivals: list[float] = []

    async def noting(socket: Socket) -> None:
        arrivals.append(asyncio.get_running_loop().time())
        await greet(socket)

    script = CallScript("test", (Pause(1_000), HangUp()))
    async with running(FakeServer(noting)) as server:
        crowd = await rehearse(
            server.target(), [script] * 10, within_seconds=1.0, output_dir=tmp_path
        )
    assert [call.failures for call in crowd.calls] == [()] * 10
    assert len({call.call_sid for call in crowd.calls}) == 10
    assert len(list(tmp_path.iterdir())) == 10
    assert 0.8 <= max(arrivals) - min(arrivals) <= 1.6
    # A late frame does not delay the ones after it, so none is missing in the end.
    assert all(call.schedule.frames == pytest.approx(50, abs=8) for call in crowd.calls)
    assert 0 < crowd.cpu_share_per_call < 0.5


async def test_one_failed_call_does_not_disturb_the_others():
    async def first_dies(socket: Socket) -> None:
        if socket is socket.server.sockets[0]:
            return
        await greet(socket)

    scripts = [CallScript("test", (Pause(500), HangUp()))] * 3
    async with running(FakeServer(first_dies)) as server:
        crowd = await rehearse(server.target(), scripts, within_seconds=0.3)
    assert len(crowd.failed) == 1
    assert crowd.failed[0] is crowd.calls[0]


def command(server: FakeServer, tmp_path, *arguments: str) -> str:
    out = StringIO()
    call_command(
        "rehearse",
        f"--base-url={server.base_url}",
        f"--public-base-url={PUBLIC_BASE_URL}",
        f"--providers-url={server.base_url}",
        f"--account-sid={ACCOUNT_SID}",
        f"--auth-token={AUTH_TOKEN}",
        f"--output={tmp_path}",
        *arguments,
        stdout=out,
    )
    return out.getvalue()


async def test_the_command_prints_the_timeline_and_the_figures(tmp_path):
    async with running(FakeServer(greet)) as server:
        printed = await asyncio.to_thread(command, server, tmp_path, "--script=impatient")
    assert "impatient  ok" in printed
    assert "ended by caller" in printed
    assert "first audio" in printed
    assert "1 of 1 calls went as their script wants." in printed
    (recording,) = tmp_path.iterdir()
    assert str(recording) in printed


async def test_the_command_prints_json(tmp_path):
    async with running(FakeServer(greet)) as server:
        printed = await asyncio.to_thread(
            command, server, tmp_path, "--script=impatient", "--json", "--calls=2", "--within=0.1"
        )
    document = json.loads(printed)
    assert [call["ok"] for call in document["calls"]] == [True, True]
    assert {figure["name"] for figure in document["figures"]} >= {"first audio", "reply"}


async def test_the_command_fails_when_a_call_failed(tmp_path):
    async def gone(socket: Socket) -> None:
        await socket.say(TONE)

    async with running(FakeServer(gone)) as server:
        with pytest.raises(CommandError, match=r"1 of 1 calls failed\."):
            await asyncio.to_thread(command, server, tmp_path, "--script=impatient")


def test_the_command_wants_the_servers_credentials():
    with pytest.raises(CommandError, match="TWILIO_ACCOUNT_SID"):
        call_command("rehearse", "--account-sid=", "--auth-token=")


def test_the_command_wants_at_least_one_call():
    with pytest.raises(CommandError, match="--calls"):
        call_command("rehearse", "--calls=0")
