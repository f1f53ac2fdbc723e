"""Several real processes that keep their figures in one folder."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.servers.running_server import ROOT

# A process that does as it is told, line by line, and says "done" or its figures.
WORKER = """
import os, sys
from pathlib import Path
from calls.metric_files import MetricFiles
files = MetricFiles(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
registry = CollectorRegistry()
calls = Counter("calls", "Calls.", ("by",), registry=registry)
live = Gauge("live", "Live.", registry=registry, multiprocess_mode="livesum")
reply = Histogram("reply_ms", "Reply.", buckets=(10, 100), registry=registry)
print("done", flush=True)
for line in sys.stdin:
    what, _, value = line.strip().partition(" ")
    if what == "end":
        calls.labels(by=value).inc()
    elif what == "live":
        live.set(float(value))
    elif what == "reply":
        reply.observe(float(value))
    elif what == "fork":
        if os.fork() == 0:
            calls.labels(by=value).inc()
            os._exit(0)
        os.wait()
    elif what == "show":
        print(files.exposition().decode(), flush=True)
    print("done", flush=True)
"""


class Worker:
    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=ROOT,
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, *orders: str) -> str:
        """What it said of the last one."""
        assert self.process.stdin is not None
        said = ""
        for order in orders:
            self.process.stdin.write(f"{order}\n")
            self.process.stdin.flush()
            said = self.hear()
        return said

    def hear(self) -> str:
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            if line == "done\n":
                return "".join(lines)
            lines.append(line)
        raise AssertionError("It has ended.")

    def figures(self) -> dict[str, float]:
        return {
            sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
            for family in text_string_to_metric_families(self.tell("show"))
            for sample in family.samples
        }

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Workers:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all: list[Worker] = []

    def start(self, number: int) -> list[Worker]:
        """So many more, all at once."""
        new = [Worker(self.folder) for _ in range(number)]
        self.all += new
        for worker in new:
            worker.hear()
        return new


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(tmp_path / "figures")
    yield workers
    with ExitStack() as ending:
        for worker in workers.all:
            ending.callback(worker.kill)


def test_any_of_several_that_start_at_once_shows_the_sum(workers: Workers) -> None:
    a, b, c = workers.start(3)
    a.tell("end caller", "live 2", "reply 50")
    b.tell("end caller", "end agent", "live 1", "reply 5", "reply 500")
    for worker in (a, b, c):
        figures = worker.figures()
        assert (figures["calls_total caller"], figures["calls_total agent"]) == (2, 1)
        assert figures["live"] == 3
        assert [figures[f"reply_ms_bucket {le}"] for le in ("10.0", "100.0", "+Inf")] == [1, 2, 3]
        assert (figures["reply_ms_count"], figures["reply_ms_sum"]) == (3, 555)


def test_what_a_killed_process_counted_stays_and_what_it_held_goes(workers: Workers) -> None:
    a, b = workers.start(2)
    for number in range(3):
        a.tell("end caller", "live 5", "reply 50")
        b.tell("live 1", "end caller")
        a.kill()
        figures = b.figures()
        assert figures["calls_total caller"] == 2 * (number + 1)
        assert figures["live"] == 1
        assert figures["reply_ms_bucket 100.0"] == figures["reply_ms_count"] == number + 1
        assert b.figures() == figures
        (a,) = workers.start(1)
    assert len(list(workers.folder.glob("histogram_*.db"))) == 3, "a, b, and the past"


def test_where_nobody_lives_it_begins_anew(workers: Workers) -> None:
    a, b = workers.start(2)
    a.tell("end caller")
    b.kill()
    assert a.figures()["calls_total caller"] == 1
    a.kill()
    (c,) = workers.start(1)
    assert "calls_total caller" not in c.figures()
    assert c.figures()["live"] == 0


def test_a_fork_counts_for_itself(workers: Workers) -> None:
    (a,) = workers.start(1)
    a.tell("end caller", "fork caller", "fork caller")
    assert a.figures()["calls_total caller"] == 3


def test_a_process_whose_id_comes_again_is_not_taken_for_the_living(workers: Workers) -> None:
    a, b = workers.start(2)
    b.tell("live 7")
    b.kill()
    for path in workers.folder.glob(f"*{b.process.pid}-*"):
        path.rename(path.with_name(path.name.replace(f"{b.process.pid}-", f"{a.process.pid}-")))
    a.tell("live 1")
    assert a.figures()["live"] == 1
