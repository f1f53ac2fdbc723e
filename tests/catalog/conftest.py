"""Every test starts in a process that has not warmed up, with somebody who may edit the catalog."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog import warmup
from tests.catalog.https_server import HttpsServer, https_server


@pytest.fixture(autouse=True)
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warmup, "_snapshot", None)
    monkeypatch.setattr(warmup, "_problem", None)


@pytest.fixture
def alice(db: None, client: Client) -> Client:
    """The browser of Alice, who may do everything."""
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def bob(db: None, client: Client) -> Client:
    """The browser of Bob, who may log in and nothing more."""
    client.force_login(User.objects.create_user("bob", is_staff=True))
    return client


@pytest.fixture(scope="session")
def https_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsServer]:
    with https_server(tmp_path_factory.mktemp("https")) as server:
        yield server


@pytest.fixture
def server(https_process: HttpsServer, settings: Any) -> HttpsServer:
    """A real https server that tools may reach, and its certificate trusted."""
    settings.TOOL_CA_FILE = str(https_process.authority)
    settings.TOOL_PRIVATE_HOSTS = frozenset({f"localhost:{https_process.port}"})
    return https_process
