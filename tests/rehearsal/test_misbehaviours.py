"""Every misbehaviour by its name: any script can be made so, also from the command line."""

import asyncio
import json
import random
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from rehearsal.caller import (
    MISBEHAVIOURS,
    SCRIPTS,
    CallScript,
    HangUp,
    Pause,
    SimulatedCaller,
    misbehaving,
)
from rehearsal.caller.timeline import one_line, timeline
from tests.rehearsal.fake_server import TONE, FakeServer, Socket, running
from tests.rehearsal.test_caller_crowd import command

SCRIPT = CallScript("short", (Pause(40), Pause(40), HangUp()))
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "rehearsal.md"


async def speak_and_listen(socket: Socket) -> None:
    await socket.say(TONE * 3)
    async for _message in socket.ws:
        pass


def test_it_is_put_after_the_first_step_and_the_rest_follows_or_not() -> None:
    stall, stop = MISBEHAVIOURS["stall"], MISBEHAVIOURS["stop-and-stay"]
    assert stall.on(SCRIPT).steps == (SCRIPT.steps[0], *stall.steps, *SCRIPT.steps[1:])
    assert stop.on(SCRIPT).steps == (SCRIPT.steps[0], *stop.steps)
    refused = MISBEHAVIOURS["token-made-up"].on(SCRIPT)
    assert refused.steps == MISBEHAVIOURS["token-made-up"].steps
    assert refused.conduct.has_to_be_refused
    assert {it.on(SCRIPT).misbehaviour for it in MISBEHAVIOURS.values()} == set(MISBEHAVIOURS)


def test_a_seed_makes_the_same_choices_again() -> None:
    def choices(seed: int) -> list[tuple[str, int]]:
        chance = random.Random(seed)
        scripts = [misbehaving(SCRIPTS["hours"], "random", chance) for _ in range(60)]
        return [(script.misbehaviour, len(script.steps)) for script in scripts]

    assert choices(1) == choices(1) != choices(2)
    assert len({name for name, _steps in choices(1)}) > 20


async def test_the_report_says_what_was_done_and_what_the_server_did() -> None:
    async with running(FakeServer(speak_and_listen)) as server:
        script = MISBEHAVIOURS["binary"].on(SCRIPT)
        report = await SimulatedCaller(server.target()).call(script)
    assert report.ok, report.failures
    assert report.misbehaviour == "binary"
    (deed,) = report.as_dict()["deeds"]
    assert (deed["did"], deed["answer"], deed["after_ms"]) == ("a binary frame", "went on", None)
    assert "short + binary  ok" in timeline(report)
    assert "a binary frame; the server went on" in timeline(report)
    assert one_line(report).endswith("binary (a binary frame: went on)")


async def test_the_command_chooses_one_by_name_or_at_random(tmp_path: Path) -> None:
    async with running(FakeServer(speak_and_listen)) as server:
        printed = await asyncio.to_thread(
            command, server, tmp_path, "--script=impatient", "--misbehave=gap", "--json"
        )
    (call,) = json.loads(printed)["calls"]
    assert call["misbehaviour"] == "gap"
    assert "numbers jumped" in call["deeds"][0]["did"]


def test_the_command_knows_no_other() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'bad-mood'"):
        call_command("rehearse", "--misbehave=bad-mood")


def test_each_is_documented() -> None:
    text = DOCUMENT.read_text()
    assert [name for name in MISBEHAVIOURS if f"`{name}`" not in text] == []
