"""Whether tests that need a service are skipped, or fail, where it is not there."""

import pytest

from rehearsal.demo.environment import free_port
from tests import prerequisites


@pytest.fixture(autouse=True)
def nothing_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = f"postgres://postgres@127.0.0.1:{free_port(0)}"
    monkeypatch.setattr(prerequisites, "POSTGRES_URL", nowhere)
    monkeypatch.setattr(prerequisites, "CHROMIUM", "/nowhere/chromium")


def test_they_are_skipped_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REQUIRE_SERVICES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="PostgreSQL does not answer at postgres://"):
        prerequisites.need_postgres_and_redis()
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        prerequisites.need_chromium()


def test_they_fail_where_skipping_is_not_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="PostgreSQL does not answer"):
        prerequisites.need_postgres_and_redis()
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        prerequisites.need_chromium()
