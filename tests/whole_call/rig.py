"""What a whole-call test stands on: a server and providers in threads of this process."""

import asyncio
import importlib
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from django.apps import apps
from django.core.management import call_command

from calls.call_log import call_log
from calls.call_record import call_record
from calls.live import live_calls
from calls.models import Call
from calls.tickets import tickets
from catalog import warmup as catalog_warmup
from catalog.models import Agent
from customers.models import Customer
from rehearsal.caller import CallReport, CallScript, SimulatedCaller, Target
from rehearsal.providers.server import ProvidersConfig, RunningProviders, serve

ACCOUNT_SID = "AC" + "1" * 32
AUTH_TOKEN = "the-auth-token-of-the-tests"
KNOWN_NUMBER = "+12025550143"


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
    providers_thread: LoopThread
    server_thread: LoopThread
    agent: Agent = field(init=False)

    @property
    def providers_url(self) -> str:
        return f"http://127.0.0.1:{self.providers.port}"

    @property
    def target(self) -> Target:
        return Target(self.base_url, self.base_url, self.providers_url, ACCOUNT_SID, AUTH_TOKEN)

    async def call(self, script: CallScript) -> CallReport:
        return await SimulatedCaller(self.target).call(script)

    def record(self, call_sid: str) -> dict[str, Any]:
        """The call's record, once its session has ended and everything is written."""
        self.wait_until(lambda: call_sid not in live_calls)
        assert call_log.flush(10.0), "the call log did not write in time"
        return call_record(Call.objects.get(call_sid=call_sid))

    def wait_until(self, holds: Callable[[], bool], timeout_seconds: float = 15.0) -> None:
        pause = threading.Event()
        for _ in range(int(timeout_seconds * 50)):
            if holds():
                return
            pause.wait(0.02)
        raise AssertionError("That did not happen in time.")

    def edit_agent(self, **changes: Any) -> None:
        """Change the default agent for this test, and have the server work from it."""
        Agent.objects.filter(pk=self.agent.pk).update(**changes)
        catalog_warmup.warm()

    def reset(self) -> None:
        """The default rows, no latency, an empty log: what every test starts from."""
        Agent.objects.all().delete()
        Customer.objects.all().delete()
        importlib.import_module("catalog.migrations.0002_default_rows").create_rows(apps, None)
        call_command("loaddata", "rehearsal", verbosity=0)
        self.agent = Agent.objects.get(is_default=True)
        catalog_warmup.warm()
        self.providers.reset()

    def assert_nothing_left(self) -> None:
        """After every test: no call, no ticket, no task of a call."""
        self.wait_until(lambda: len(live_calls) == 0)
        self.wait_until(lambda: not self.tasks_of_calls(), 10.0)

    def tasks_of_calls(self) -> list[str]:
        async def names() -> list[str]:
            return [
                task.get_name()
                for task in asyncio.all_tasks()
                if task is not asyncio.current_task() and not is_servers_own(task)
            ]

        return list(self.server_thread.run(names()))

    def forget_tickets(self) -> None:
        async def forget() -> None:
            for token in list(tickets._tickets):
                tickets._forget(token)

        self.server_thread.run(forget())


def is_servers_own(task: "asyncio.Task[Any]") -> bool:
    """uvicorn's main loop and its listening sockets outlive every call."""
    qualified = getattr(task.get_coro(), "__qualname__", "")
    return qualified.startswith(("Server.", "LifespanOn.", "Rig."))


def start_providers(thread: LoopThread) -> RunningProviders:
    config = ProvidersConfig(port=0, ears="typed", voice="tone")
    running: RunningProviders = thread.run(serve(config))
    return running


def start_server(thread: LoopThread) -> tuple[uvicorn.Server, str]:
    """uvicorn: Daphne's reactor starts only once in a process; it has tests of its own."""
    from voiceagent.asgi import application

    config = uvicorn.Config(application, port=0, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    asyncio.run_coroutine_threadsafe(server.serve(), thread.loop)
    while not server.started:
        threading.Event().wait(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    return server, f"http://127.0.0.1:{port}"
