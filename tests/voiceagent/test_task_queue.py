"""Where background tasks wait: in the database, or in a Redis that there is."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.voiceagent.settings_process import read_settings, refusal
from voiceagent.task_queue import task_queue

REDIS = {"TASK_BACKEND": "redis", "TASK_WORKER": "separate", "REDIS_URL": "redis://cache:6379/1"}


def test_they_wait_in_the_database_unless_redis_is_asked_for() -> None:
    tasks, queues = task_queue(in_redis=False, redis_url="redis://cache")
    assert tasks["default"]["BACKEND"] == "django_tasks_db.DatabaseBackend"
    assert queues == {}


def test_no_server_waits_for_a_redis_that_says_nothing() -> None:
    for url in ("redis://cache/1", "redis://cache/1?health_check_interval=5"):
        _tasks, queues = task_queue(in_redis=True, redis_url=url)
        assert queues["default"]["URL"].startswith(url)
        assert "socket_timeout=" in queues["default"]["URL"]


def test_there_has_to_be_a_redis() -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        task_queue(in_redis=True, redis_url="")


def test_redis_wants_workers_of_their_own() -> None:
    found = read_settings("INSTALLED_APPS", **REDIS)
    assert "django_rq" in found["INSTALLED_APPS"]
    assert "TASK_WORKER" in refusal(**{**REDIS, "TASK_WORKER": "inside"})
