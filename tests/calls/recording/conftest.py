"""A folder for recordings, and a call log that only tells what it was told."""

from pathlib import Path

import pytest
from django.core.files.storage import storages
from pytest_django.fixtures import Settings

from calls.call_log import call_log
from calls.happenings import Happening, RecordingChanged


@pytest.fixture
def recording_dir(settings: Settings, tmp_path: Path) -> Path:
    settings.RECORDING_DIR = tmp_path
    storages._storages.clear()  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What happened to recordings: (call, state, path)."""
    heard: list[tuple[str, str, str]] = []

    def post(happening: Happening) -> None:
        if isinstance(happening, RecordingChanged):
            heard.append((happening.call_sid, str(happening.state), happening.path))

    monkeypatch.setattr(call_log, "post", post)
    return heard
