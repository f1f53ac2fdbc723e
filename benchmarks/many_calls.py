"""Is the admin still quick with 100,000 calls and two million utterances?

`python -m benchmarks.many_calls --database-url postgres://…/voiceagent_many` makes that database
unless it is there, opens every list, the dashboard and the search as a manager, and fails over
500 ms or 15 queries.
"""

import argparse
import os
import sys
import time
from urllib.parse import urlsplit, urlunsplit

import django

DEFAULT_URL = "postgres://postgres@127.0.0.1:5432/voiceagent_many"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--calls", type=int, default=100_000)
    asked.add_argument("--utterances", type=int, default=20, help="of each call")
    asked.add_argument("--database-url", default=DEFAULT_URL)
    asked.add_argument("--anew", action="store_true", help="drop the database first")
    asked.add_argument("--only-rows", action="store_true", help="measure nothing")
    options = asked.parse_args()
    create_database(options.database_url, options.anew)
    os.environ["DATABASE_URL"] = options.database_url
    os.environ["SERVES_CALLS"] = "false"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceagent.settings")
    django.setup()
    make_rows(options.calls, options.utterances)
    if options.only_rows:
        return 0
    from benchmarks.many_calls_pages import measure

    return measure()


def create_database(url: str, anew: bool) -> None:
    import psycopg
    from psycopg import sql

    parts = urlsplit(url)
    name = sql.Identifier(parts.path.lstrip("/"))
    everywhere = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(everywhere, autocommit=True) as server:
        if anew:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        found = "SELECT 1 FROM pg_database WHERE datname = %s"
        if server.execute(found, (parts.path.lstrip("/"),)).fetchone() is None:
            server.execute(sql.SQL("CREATE DATABASE {}").format(name))


def make_rows(calls: int, utterances: int) -> None:
    from django.core.management import call_command

    from benchmarks.many_calls_business import fill

    call_command("migrate", verbosity=0)
    began = time.monotonic()
    if fill(calls, utterances):
        sys.stdout.write(f"Rows made in {time.monotonic() - began:.0f} s.\n")


if __name__ == "__main__":
    sys.exit(main())
