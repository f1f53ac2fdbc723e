"""One long recorded call: does the server's memory stay where it was after the first minute?

A real server with the offline providers, one simulated caller who says something every 20 s, and
recording on. Fails when the memory has grown by more than 10 MB since the first minute.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from rehearsal.caller import CallReport, CallScript, HangUp, Pause, SimulatedCaller, Speak
from rehearsal.providers.server import ProvidersConfig, serve
from tests.servers.running_server import Installation, running

MOST_GROWTH_MB = 10.0
SETTLED_SECONDS = 60.0
SAMPLE_SECONDS = 10.0
ROUND_MS = 20_000.0
LINES = ("ask-hours", "what-time", "hello-question", "no", "who-am-i")
RECORDS = """
from catalog.models import Agent
from catalog.publishing import publish
Agent.objects.update(record_calls=True, max_call_seconds=14_400)
publish("A long call is recorded")
"""


class Production(Installation):
    """With DEBUG, Django keeps the last 9,000 queries of each connection: 10 MB in an hour."""

    def environment(self, port: int) -> dict[str, str]:
        return {**super().environment(port), "DEBUG": "false"}


@dataclass(frozen=True, slots=True)
class Sample:
    at_seconds: float
    rss_mb: float


class Memory:
    """Reads the server's resident memory every ten seconds, in a thread of its own."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory")
        self.samples: list[Sample] = []

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._stop.wait(SAMPLE_SECONDS):
            sample = Sample(time.monotonic() - began, self._rss_mb())
            self.samples.append(sample)
            say(f"{sample.at_seconds:7.0f} s  {sample.rss_mb:8.2f} MB")

    def _rss_mb(self) -> float:
        for line in self._status.read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        raise RuntimeError("The server is gone.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3_600.0)
    seconds = parser.parse_args().seconds
    return asyncio.run(measure(seconds))


async def measure(seconds: float) -> int:
    """The providers and the caller share a loop; the server has a process of its own."""
    providers = await serve(ProvidersConfig(port=0, ears="typed", voice="tone"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["RECORDING_DIR"] = f"{folder}/recordings"
        os.environ["CALL_LOG_DIR"] = f"{folder}/call-log"
        installation = Production(Path(folder), f"http://127.0.0.1:{providers.port}")
        await asyncio.to_thread(installation.manage, "migrate", "--verbosity", "0")
        await asyncio.to_thread(installation.manage, "shell", "-c", RECORDS)
        with running(installation, "manage.py", "serve", "--port", "{port}") as server:
            await asyncio.to_thread(server.wait_until_ready)
            with Memory(server.process.pid) as memory:
                report = await SimulatedCaller(server.target).call(script(seconds))
            recorded = await asyncio.to_thread(finished, Path(folder) / "recordings")
    await providers.close()
    return judge(report, memory.samples, recorded)


def script(seconds: float) -> CallScript:
    steps: list[Speak | Pause | HangUp] = []
    for index in range(int(seconds * 1_000 / ROUND_MS)):
        line = LINES[index % len(LINES)]
        steps += [Pause(ROUND_MS - 2_000), Speak(line)]
    return CallScript("long", (*steps, HangUp()), limit_seconds=2 * seconds + 60)


def finished(folder: Path) -> Path | None:
    """The recording, once it is where recordings are kept."""
    deadline = time.monotonic() + 600.0
    while time.monotonic() < deadline:
        kept = [*folder.glob("finished/*/*.mp3")]
        if kept and not [*folder.glob("running/*")]:
            say(f"The recording: {kept[0].stat().st_size / 1e6:.1f} MB")
            return kept[0]
        time.sleep(1.0)
    return None


def judge(report: CallReport, samples: list[Sample], recorded: Path | None) -> int:
    settled = next(
        s for s in samples if s.at_seconds >= min(SETTLED_SECONDS, report.ended_ms / 2e3)
    )
    last = samples[-1]
    growth = last.rss_mb - settled.rss_mb
    highest = max(sample.rss_mb for sample in samples)
    say(f"The call: {report.ended_ms / 1000:.0f} s, {report.failures or 'as scripted'}")
    say(f"The caller spoke {len(report.said)} times, the agent {len(report.heard)} times")
    say(f"After {settled.at_seconds:.0f} s: {settled.rss_mb:.2f} MB")
    say(f"After {last.at_seconds:.0f} s: {last.rss_mb:.2f} MB, at most {highest:.2f} MB")
    say(f"Growth: {growth:+.2f} MB, of at most {MOST_GROWTH_MB:.0f} MB")
    return 0 if growth <= MOST_GROWTH_MB and report.ok and recorded else 1


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
