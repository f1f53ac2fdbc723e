"""Two servers on one PostgreSQL and one Redis, a database of their own for each run."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from rehearsal.providers.server import RunningProviders
from tests.browser.site import SiteInstallation, running_providers
from tests.prerequisites import POSTGRES_URL, REDIS_URL
from tests.servers.running_server import RunningServer, running

SERVE = ("manage.py", "serve", "--port", "{port}")


@dataclass(frozen=True)
class TwoServers:
    """`a` is where staff work in the tests, `b` where calls arrive."""

    installation: SiteInstallation
    providers: RunningProviders
    a: RunningServer
    b: RunningServer

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Beside the servers, as somebody with access to the database may."""
        with psycopg.connect(self.installation.database_url, autocommit=True) as database:
            done = database.execute(statement, values)
            return done.fetchall() if done.description else []

    def newest_revision(self) -> int:
        return int(self.sql("SELECT max(id) FROM catalog_catalogrevision")[0][0])

    def clip(self, name: str) -> int:
        return int(self.sql("SELECT id FROM catalog_clip WHERE name = %s", name)[0][0])

    def tool(self, name: str) -> int:
        return int(self.sql("SELECT id FROM catalog_tool WHERE name = %s", name)[0][0])

    def published(self, clip: str) -> tuple[bytes, str]:
        """The mu-law and the words of what callers hear of a clip."""
        [(audio, words)] = self.sql(
            "SELECT it.mulaw, it.text FROM catalog_clip clip "
            "JOIN catalog_recording it ON it.id = clip.published_id WHERE clip.name = %s",
            clip,
        )
        return bytes(audio), str(words)

    def lose_published_recording(self, clip: str) -> None:
        """A damaged database: what the catalog names is not there."""
        self.sql(
            "SET session_replication_role = replica; DELETE FROM catalog_recording it "
            "USING catalog_clip clip WHERE it.id = clip.published_id "
            f"AND clip.id = {self.clip(clip)}"
        )

    @contextmanager
    def third(self, public_base_url: str = "") -> Iterator[RunningServer]:
        """One more server of the same installation, behind the same address if that is given."""
        installation = replace(self.installation, public_base_url=public_base_url)
        with running(installation, *SERVE) as server:
            server.wait_until_ready()
            yield server

    def conversations(self) -> list[list[tuple[str, str]]]:
        """For each request to the model, its messages but the system prompt, as (role, text)."""
        requests = [entry.body for entry in self.providers.log.entries("llm", "request")]
        return [
            [(message["role"], message.get("content") or "") for message in body["messages"][1:]]
            for body in requests
            if isinstance(body, dict) and "response_format" not in body  # that asks for a summary
        ]


@contextmanager
def own_database() -> Iterator[str]:
    """The address of a new database, which is gone afterwards."""
    name = f"voiceagent_test_{secrets.token_hex(6)}"
    with psycopg.connect(f"{POSTGRES_URL}/postgres", autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{POSTGRES_URL}/{name}"
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            server.execute(drop)


@contextmanager
def two_servers(folder: Path) -> Iterator[TwoServers]:
    with own_database() as database_url, running_providers() as providers:
        installation = SiteInstallation(
            folder, f"http://127.0.0.1:{providers.port}", database_url, REDIS_URL
        )
        installation.run("-m", "tests.browser.set_up")
        with running(installation, *SERVE) as a, running(installation, *SERVE) as b:
            a.wait_until_ready()
            b.wait_until_ready()
            yield TwoServers(installation, providers, a, b)
