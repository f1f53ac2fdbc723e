"""How long is it from nothing to ready, and what takes that long? `manage.py serve`."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.load.one_level import Place
from benchmarks.load.process_figures import used
from benchmarks.load.sides import MeasuredInstallation
from benchmarks.load.table import number
from benchmarks.page import write_section
from rehearsal.demo.environment import free_port
from tests.servers.running_server import RunningServer, running

TIMES = 3
LOOK_SECONDS = 0.02
LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until it listens, until it is ready, of CPU; and the ms of each part."""

    listens: float
    ready: float
    cpu: float
    parts: Mapping[str, float]


def run(place: Place) -> None:
    begun = sorted((_start(place) for _ in range(TIMES)), key=lambda it: it.ready)
    section = report(begun[TIMES // 2])
    write_section("start-up", section)
    place.say(section)


def _start(place: Place) -> Start:
    installation = MeasuredInstallation(place.folder, place.providers_url, free_port(0))
    began = time.monotonic()
    with running(installation, "manage.py", "serve", "--port", "{port}") as server:
        _answered(server, "healthz", began)
        listens = time.monotonic() - began
        answer = _answered(server, "readyz", began)
        ready = time.monotonic() - began
        parts = {part["name"]: part["ms"] for part in json.loads(answer)["parts"]}
        return Start(listens, ready, used(server.process.pid).cpu_seconds, parts)


def _answered(server: RunningServer, path: str, began: float) -> bytes:
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{server.port}/{path}", timeout=5.0) as answer:
                said: bytes = answer.read()
                return said
        except URLError:
            if time.monotonic() - began > LONGEST_SECONDS:
                raise
            time.sleep(LOOK_SECONDS)


def report(start: Start) -> str:
    rows = "\n".join(f"| {name} | {number(ms)} |" for name, ms in start.parts.items())
    return f"""## From nothing to ready

`manage.py serve`, installed by `make setup`, the middle of {TIMES} starts:
{start.listens:.1f} s until it listens, {start.ready:.1f} s until it answers calls
({start.cpu:.1f} s of CPU). Of these the warm-up, which begins when the apps are loaded:

| part of the warm-up | ms |
|---|---|
{rows}
"""
