"""What some tests need of this machine: without it they are skipped, or fail where that is asked.

REQUIRE_SERVICES=1, which .ci/run sets, asks for it.
"""

import os
import shutil
from collections.abc import Callable
from typing import NoReturn

import psycopg
import pytest
import redis

CHROMIUM = "/usr/bin/chromium"
POSTGRES_URL = "postgres://postgres@127.0.0.1:5432"
REDIS_URL = "redis://127.0.0.1:6379"
ANSWERS_WITHIN_SECONDS = 3


def need_chromium() -> str:
    """The path of Debian's Chromium."""
    if shutil.which(CHROMIUM) is None:
        _do_without(f"There is no {CHROMIUM}: apt-get install chromium.")
    return CHROMIUM


def need_postgres_and_redis() -> None:
    """Both at their usual ports of this machine, without a password."""
    need_postgres()
    _try("Redis", REDIS_URL, _ask_redis, redis.RedisError)


def need_postgres() -> None:
    _try("PostgreSQL", POSTGRES_URL, _ask_postgres, psycopg.Error)


def need_redis() -> str:
    """Its address."""
    _try("Redis", REDIS_URL, _ask_redis, redis.RedisError)
    return REDIS_URL


def need_nginx() -> None:
    if shutil.which("nginx") is None:
        _do_without("There is no nginx: apt-get install nginx.")


def _ask_postgres() -> None:
    psycopg.connect(f"{POSTGRES_URL}/postgres", connect_timeout=ANSWERS_WITHIN_SECONDS).close()


def _ask_redis() -> None:
    with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=ANSWERS_WITHIN_SECONDS) as client:
        client.ping()


def _try(name: str, url: str, ask: Callable[[], None], refused: type[Exception]) -> None:
    try:
        ask()
    except refused as error:
        _do_without(f"{name} does not answer at {url} ({type(error).__name__}).")


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"{reason} REQUIRE_SERVICES=1 is set, so this is no reason to skip.")
    pytest.skip(reason)
