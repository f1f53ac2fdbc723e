"""What SQLite and PostgreSQL need to serve calls and the admin at once."""

import os
import tempfile
from pathlib import Path
from typing import Any


def tuned(database: dict[str, Any]) -> dict[str, Any]:
    """The same entry of DATABASES, with its options."""
    if database["ENGINE"].endswith("sqlite3"):
        return {**database, **_sqlite()}
    return {**database, **_postgresql(database.get("OPTIONS", {}))}


def _sqlite() -> dict[str, Any]:
    # A file, since the tests' server has threads; one for each run, since runs may overlap.
    test_file = Path(tempfile.gettempdir()) / f"voiceagent-test-{os.getpid()}.sqlite3"
    return {
        # WAL and IMMEDIATE: without both, ten calls at once meet "database is locked".
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        "TEST": {"NAME": test_file},
    }


def _postgresql(options: dict[str, Any]) -> dict[str, Any]:
    return {
        # Persistent connections leak under ASGI; the pool is bounded, one for each process.
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **options,
            "pool": {"min_size": 1, "max_size": 10, "timeout": 5},
            # A server that vanished without a word is noticed in seconds, not after a quarter hour.
            "connect_timeout": 5,
            "keepalives_idle": 10,
            "tcp_user_timeout": 15_000,
        },
    }
