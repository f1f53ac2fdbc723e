"""What a whole-call test stands on: a server and providers in threads of this process."""

import asyncio
import json
import math
import threading
import urllib.request
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import uvicorn
from django.core.management import call_command

from calls.call_log import call_log
from calls.call_record import call_record
from calls.circuit import circuits
from calls.live import live_calls
from calls.models import Call, CallEvent
from calls.tickets import tickets
from catalog import mulaw
from catalog import warmup as catalog_warmup
from catalog.models import Agent, Clip, PromptVersion, Recording
from catalog.publishing import publish
from customers.models import Customer
from rehearsal.caller import CallReport, CallScript, SimulatedCaller, Target
from rehearsal.providers.server import ProvidersConfig, RunningProviders, serve
from tests.migrated_rows import MigratedRows
from tests.whole_call import aftermath
from tests.whole_call.desk import at_the_desk
from tests.whole_call.residue import Endings, Held
from tests.whole_call.witness import Witness

ACCOUNT_SID = "AC" + "1" * 32
AUTH_TOKEN = "the-auth-token-of-the-tests"
KNOWN_NUMBER, KNOWN_NAME = "+12025550143", "Maria Lopes"

# A greeting short enough for a suite of many calls: 20 words, 100 ms each.
GREETING_WORDS = [f"word{number}" for number in range(1, 21)]
GREETING_TEXT = " ".join(GREETING_WORDS)
GREETING_MS = 2_000


# Hours that are read out in two seconds by the voice of the tests.
PROMPT = "You work for {business_name}. Open Monday to Saturday from 9 to 5."


class LoopThread:
    """An event loop in a thread of its own, as each real server has one."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any], timeout_seconds: float = 30.0) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_seconds)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10.0)


@dataclass
class Rig:
    """The running server, as tests use it."""

    base_url: str
    providers: RunningProviders
    server_thread: LoopThread
    providers_loop: asyncio.AbstractEventLoop
    migrated_rows: MigratedRows
    witness: Witness
    endings: Endings = field(default_factory=Endings)
    held: Held = field(default_factory=Held.now)
    agent: Agent = field(init=False)

    @property
    def providers_url(self) -> str:
        return f"http://127.0.0.1:{self.providers.port}"

    @property
    def target(self) -> Target:
        return Target(self.base_url, self.base_url, self.providers_url, ACCOUNT_SID, AUTH_TOKEN)

    # Calls ----------------------------------------------------------------------

    async def call(self, *steps: Any, from_number: str = "+12025550100") -> CallReport:
        script = CallScript("test", steps, from_number=from_number, limit_seconds=40.0)
        return await SimulatedCaller(self.target).call(script)

    def record(self, call_sid: str) -> dict[str, Any]:
        """The call's record, once its session has ended and everything is written."""
        self.wait_until(lambda: call_sid not in live_calls)
        assert call_log.flush(10.0), "the call log did not write in time"
        return at_the_desk(lambda: call_record(Call.objects.get(call_sid=call_sid)))

    def events(self, call_sid: str) -> list[str]:
        self.record(call_sid)
        events = CallEvent.objects.filter(call__call_sid=call_sid)
        return at_the_desk(lambda: list(events.values_list("name", flat=True)))

    def wait_until(self, holds: Callable[[], bool], timeout_seconds: float = 15.0) -> None:
        pause = threading.Event()
        for _ in range(int(timeout_seconds * 50)):
            if holds():
                return
            pause.wait(0.02)
        raise AssertionError("That did not happen in time.")

    # What is set up -------------------------------------------------------------

    def edit_agent(self, **changes: Any) -> None:
        """Change the default agent for this test, and have the server work from it."""

        def edit() -> None:
            Agent.objects.filter(pk=self.agent.pk).update(**changes)
            publish("Edited by a test")
            catalog_warmup.warm()

        at_the_desk(edit)

    def slow_down(self, **latency: float) -> None:
        self._control("PUT", "/rehearsal/latency", latency)

    def break_down(self, **faults: object) -> None:
        self._control("PUT", "/rehearsal/faults", faults)

    def use_model(self, *, gullible: bool) -> None:
        self._control("PUT", "/rehearsal/model", {"gullible": gullible})

    def reset(self) -> None:
        """The default rows with the short greeting, no latency, no fault, an empty log."""
        circuits.forget()
        Customer.objects.all().delete()
        self.migrated_rows.bring_back()
        call_command("loaddata", "rehearsal", verbosity=0)
        self.agent = Agent.objects.get(is_default=True)
        PromptVersion.objects.update(text=PROMPT)
        self.edit_agent(greeting_clip=short_greeting(), greeting_text=GREETING_TEXT)
        self.slow_down()
        self.break_down()
        self.use_model(gullible=False)
        self.providers.backstage.messages.clear()
        self._control("DELETE", "/rehearsal/log")
        self._control("DELETE", "/rehearsal/open")
        self.witness.forget()
        self.endings.of.clear()

    def _control(self, method: str, path: str, document: object = None) -> None:
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.providers_url + path, data=body, method=method)
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request, timeout=5.0).close()

    # What reached the wire ------------------------------------------------------

    def model_requests(self) -> list[dict[str, Any]]:
        return [entry.body for entry in self.providers.log.entries("llm", "request")]  # type: ignore[misc]

    def conversations(self) -> list[list[tuple[str, str]]]:
        """For each request to the model, its messages but the system prompt, as (role, text)."""
        return [
            [
                (message["role"], message.get("content") or "")
                for message in request["messages"]
                if message["role"] != "system"
            ]
            for request in self.model_requests()
        ]

    def system_prompts(self) -> list[str]:
        return [request["messages"][0]["content"] for request in self.model_requests()]

    def spoken_texts(self) -> list[str]:
        """What the TTS was asked to say."""
        bodies = [entry.body for entry in self.providers.log.entries("tts", "message")]
        return [body["transcript"] for body in bodies if body.get("transcript")]  # type: ignore[union-attr,index]

    def told_twilio(self, call_sid: str = "") -> list[dict[str, str]]:
        """What Twilio was told over REST to do with the call, but for its longest time."""
        bodies = [
            dict(entry.body)  # type: ignore[call-overload]
            for entry in self.providers.log.entries("twilio")
            if entry.method == "POST" and call_sid in entry.path
        ]
        return [body for body in bodies if set(body) != {"TimeLimit"}]

    # Afterwards -----------------------------------------------------------------

    def assert_nothing_left(self) -> None:
        """After every test: no call, and nothing of one."""
        aftermath.assert_nothing_left(self)

    def forget_tickets(self) -> None:
        async def forget() -> None:
            for token in list(tickets._tickets):
                tickets._forget(token)

        self.server_thread.run(forget())


def short_greeting() -> Clip:
    samples = 8_000 * np.sin(2 * math.pi * 300 * np.arange(8 * GREETING_MS) / 8_000)
    audio = mulaw.encode(samples.astype("<i2").tobytes())
    words = [
        {"word": word, "start_ms": 100 * index, "end_ms": 100 * (index + 1)}
        for index, word in enumerate(GREETING_WORDS)
    ]
    clip = Clip.objects.create(name="Short greeting")
    clip.published = Recording.objects.create(
        clip=clip, version=1, text=GREETING_TEXT, mulaw=audio, words=words
    )
    clip.save()
    return clip


def start_providers(thread: LoopThread) -> RunningProviders:
    running: RunningProviders = thread.run(
        serve(ProvidersConfig(port=0, ears="typed", voice="tone"))
    )
    return running


def start_server(thread: LoopThread) -> tuple[uvicorn.Server, Witness, str]:
    """uvicorn: Daphne's reactor starts only once in a process; it has tests of its own."""
    from voiceagent.asgi import application

    witness = Witness(application)
    server = uvicorn.Server(uvicorn.Config(witness, port=0, lifespan="off", log_level="warning"))
    asyncio.run_coroutine_threadsafe(server.serve(), thread.loop)
    while not server.started:
        threading.Event().wait(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    return server, witness, f"http://127.0.0.1:{port}"
