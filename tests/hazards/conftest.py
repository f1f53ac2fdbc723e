"""Fixtures of other folders, for the hazards that need no call."""

from typing import Any

import pytest

from tests.calls.conftest import posted as posted
from tests.catalog.conftest import https_process as https_process
from tests.catalog.https_server import HttpsServer


@pytest.fixture
def tool_server(https_process: HttpsServer, settings: Any) -> HttpsServer:
    """A real https server that tools may reach, and its certificate trusted."""
    settings.TOOL_CA_FILE = str(https_process.authority)
    settings.TOOL_PRIVATE_HOSTS = frozenset({f"localhost:{https_process.port}"})
    return https_process
