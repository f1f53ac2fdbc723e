"""What follows a call is done, whoever does it and whatever is killed meanwhile."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.browser.site import SiteInstallation, running_providers, wait_until_it_answers
from tests.calls.aftercare.receiver import HANGS, Receiver, receiving
from tests.cluster.two_servers import own_database
from tests.prerequisites import REDIS_URL, need_postgres_and_redis
from tests.servers.running_server import RunningServer, running

SECRET = "a secret of the tests"
REDIS_OF_TASKS = f"{REDIS_URL}/9"
DB_WORKER = ("manage.py", "db_worker", "--no-reload", "--interval", "0.2")
RQ_WORKER = ("manage.py", "rqworker", "--with-scheduler")


@dataclass(frozen=True)
class Office(SiteInstallation):
    """One database, on which servers and workers come and go."""

    settings: dict[str, str] = field(default_factory=dict)

    def environment(self, port: int) -> dict[str, str]:
        return {**super().environment(port), **self.settings}

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as database:
            done = database.execute(statement)  # type: ignore[call-overload]
            return done.fetchall() if done.description else []

    def calls_are_over(self, receiver: Receiver, count: int) -> None:
        self.settings["TOOL_PRIVATE_HOSTS"] = receiver.host
        self.run("-m", "tests.cluster.calls_are_over", receiver.url, SECRET, str(count))

    @contextmanager
    def server(self) -> Iterator[RunningServer]:
        with running(self, "manage.py", "serve", "--role", "web", "--port", "{port}") as server:
            wait_until_it_answers(server)
            yield server


@pytest.fixture(scope="module")
def whole_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    need_postgres_and_redis()
    with own_database() as database_url, running_providers() as providers:
        folder = tmp_path_factory.mktemp("tasks")
        office = Office(folder, f"http://127.0.0.1:{providers.port}", database_url)
        office.run("-m", "tests.browser.set_up")
        yield office


@pytest.fixture
def office(whole_office: Office) -> Iterator[Office]:
    whole_office.settings.clear()
    with redis.Redis.from_url(REDIS_OF_TASKS) as client:
        for key in client.scan_iter("rq:*"):
            client.delete(key)
    yield whole_office
    whole_office.rows(
        "TRUNCATE calls_call, calls_webhook, django_tasks_database_dbtaskresult CASCADE"
    )


def wait_until(holds: Callable[[], object], log: Path, seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, log.read_text()[-4_000:]
        time.sleep(0.1)


def deliveries(office: Office) -> set[tuple[str, int]]:
    return set(office.rows("SELECT state, attempts FROM calls_webhookdelivery"))


@pytest.mark.parametrize(
    ("backend", "worker"), [("database", DB_WORKER), ("redis", RQ_WORKER)], ids=["table", "redis"]
)
def test_a_worker_of_its_own_does_it(backend: str, worker: tuple[str, ...], office: Office) -> None:
    office.settings.update(TASK_BACKEND=backend, TASK_WORKER="separate", REDIS_URL=REDIS_OF_TASKS)
    with receiving(204) as receiver:
        office.calls_are_over(receiver, 1)
        with office.server() as server, running(office, *worker) as process:
            wait_until(lambda: deliveries(office) == {("delivered", 1)}, process.log)
            assert "calls.aftercare.tasks.deliver" not in server.log.read_text()
    (body,) = (body for _headers, body in receiver.got)
    assert "[offline]" in json.loads(body)["call"]["summary"]
    assert process.process.returncode == 0, process.log.read_text()
    with redis.Redis.from_url(REDIS_OF_TASKS) as client:
        done = client.keys("rq:job:*")
        assert (len(done) == 2) == (backend == "redis"), done


def test_what_a_killed_server_was_sending_is_sent_by_the_next(office: Office) -> None:
    with receiving(HANGS, 204) as receiver:
        office.calls_are_over(receiver, 1)
        with office.server() as server:
            wait_until(lambda: receiver.got, server.log)
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait()
        assert deliveries(office) == {("waiting", 1)}
        # As if its minute were over.
        office.rows("UPDATE calls_webhookdelivery SET next_attempt_at = now()")
        with office.server() as server:
            wait_until(lambda: deliveries(office) == {("delivered", 2)}, server.log)
    first, second = receiver.ids
    assert first == second


def test_two_servers_send_each_message_once(office: Office) -> None:
    with receiving(204) as receiver:
        office.calls_are_over(receiver, 30)
        with office.server() as server, office.server():
            wait_until(lambda: deliveries(office) == {("delivered", 1)}, server.log)
            time.sleep(1.0)  # for one that is too many
    assert len(receiver.ids) == len(set(receiver.ids)) == 30


def test_a_server_that_is_told_to_stop_finishes_what_it_is_sending(office: Office) -> None:
    with receiving(HANGS, 204) as receiver:
        office.calls_are_over(receiver, 1)
        with office.server() as server:
            wait_until(lambda: receiver.got, server.log)
            server.process.terminate()
            time.sleep(0.5)
            receiver.let_go.set()
            server.process.wait(15.0)
        assert deliveries(office) == {("delivered", 1)}
