"""Every test of a call may look at what was posted to the call log, instead of at the database."""

from dataclasses import dataclass, field

import pytest

from calls import call_log as call_log_module
from calls import line, session, transcript, views
from calls.happenings import Happening


@dataclass
class PostedHappenings:
    """Stands in for the call log: keeps what was posted, and writes nothing."""

    happenings: list[Happening] = field(default_factory=list)

    def post(self, happening: Happening) -> None:
        self.happenings.append(happening)

    def of_type(self, kind: type[Happening]) -> list[Happening]:
        return [happening for happening in self.happenings if isinstance(happening, kind)]


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> PostedHappenings:
    posted = PostedHappenings()
    for module in (line, session, transcript, views):
        assert module.call_log is call_log_module.call_log
        monkeypatch.setattr(module, "call_log", posted)
    return posted
