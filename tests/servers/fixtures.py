"""One installation for all server tests, and the providers it talks to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.providers.server import ProvidersConfig, serve
from tests.servers.running_server import Installation, RunningServer, running
from tests.whole_call.rig import LoopThread


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    thread = LoopThread("providers")
    providers = thread.run(serve(ProvidersConfig(port=0, ears="typed", voice="tone")))
    folder: Path = tmp_path_factory.mktemp("installation")
    installed = Installation(folder, f"http://127.0.0.1:{providers.port}")
    installed.manage("migrate", "--verbosity", "0")
    yield installed
    thread.run(providers.close())
    thread.stop()


@pytest.fixture(scope="session")
def serving(installation: Installation) -> Iterator[RunningServer]:
    """One `manage.py serve` for all tests that leave it as it was."""
    with running(installation, "manage.py", "serve", "--port", "{port}") as server:
        server.wait_until_ready()
        yield server
