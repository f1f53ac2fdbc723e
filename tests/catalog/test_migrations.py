"""A database of 0.1.0 becomes one of today, and callers hear what they heard before."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest

from catalog.prompt_variables import fill
from tests.catalog.old_database import LONG_NAME, SOUND, WORDS

ROOT = Path(__file__).resolve().parents[2]
SERVER = "postgres://postgres@127.0.0.1:5432"


@contextmanager
def new_postgresql_database() -> Iterator[str]:
    try:
        server = psycopg.connect(f"{SERVER}/postgres", autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        pytest.skip("no PostgreSQL answers at 127.0.0.1:5432")
    name = f"voiceagent_test_{token_hex(6)}"
    with server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrate(database_url: str) -> dict[str, Any]:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "voiceagent.settings",
        "DEBUG": "true",
    }
    process = subprocess.run(
        [sys.executable, "-m", "tests.catalog.old_database"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120.0,
        check=False,
    )
    assert process.returncode == 0, process.stderr[-3_000:]
    present: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return present


@pytest.fixture(scope="module", params=["SQLite", "PostgreSQL"])
def migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    if request.param == "SQLite":
        yield migrate(f"sqlite:///{tmp_path_factory.mktemp('old') / 'old.sqlite3'}")
        return
    with new_postgresql_database() as url:
        yield migrate(url)


def test_every_agent_is_told_what_it_was_told_before(migrated: dict[str, Any]) -> None:
    told = migrated["served_prompts"]
    assert (told["Vera"], told["Otto"], told["Nora"]) == ("Sales 1.", "Sales 2.", "Sales v1 1.")
    assert (told["Long 1"], told["Long 2"]) == (f"{LONG_NAME} 1.", f"{LONG_NAME} 2.")
    assert "Silver Birch" not in told["Vera"] and "receptionist" in told["Reception"]


def test_the_versions_of_a_prompt_are_one_prompt(migrated: dict[str, Any]) -> None:
    sales = migrated["prompts"]["Sales"]
    assert sales["published"] == 2, "the newest that an agent used: nobody was told the third"
    assert sales["texts"] == {"1": "Sales 1.", "2": "Sales 2.", "3": "Sales 3."}
    assert sales["notes"] == {"1": "Note 1", "2": "Note 2", "3": "Note 3"}
    assert sales["agents"] == ["Otto"]


def test_an_older_version_that_an_agent_used_is_a_prompt_of_its_own(
    migrated: dict[str, Any],
) -> None:
    prompts = migrated["prompts"]
    (own,) = (name for name, prompt in prompts.items() if prompt["agents"] == ["Vera"])
    assert own == "Sales v1 (2)", "another prompt had the name already"
    assert (prompts[own]["published"], prompts[own]["texts"]) == (1, {"1": "Sales 1."})
    assert prompts["Sales v1"]["agents"] == ["Nora"]


def test_a_name_as_long_as_names_can_be_is_no_hindrance(migrated: dict[str, Any]) -> None:
    prompts = migrated["prompts"]
    assert prompts[LONG_NAME]["agents"] == ["Long 2"]
    assert prompts[f"{LONG_NAME[:60]} v1"]["agents"] == ["Long 1"]


def test_a_prompt_that_nobody_used_is_published_in_its_newest_version(
    migrated: dict[str, Any],
) -> None:
    unused = migrated["prompts"]["Unused"]
    assert (unused["published"], list(unused["texts"])) == (2, ["2", "1"])


def test_braces_that_were_told_as_they_stood_are_told_so_still(migrated: dict[str, Any]) -> None:
    told = fill(migrated["served_prompts"]["Braces"], {"business_name": "Birch"})
    assert told == 'Birch: {custmer} {0} {{x}} {"a": 1} { }'


def test_a_clip_becomes_its_first_recording(migrated: dict[str, Any]) -> None:
    uploaded = migrated["clips"]["Uploaded"]
    assert uploaded.pop("published_at")
    sound = hashlib.sha256(SOUND).hexdigest()
    assert uploaded == {
        "version": 1,
        "text": "Hello.",
        "words": WORDS,
        "source": "upload",
        "duration_ms": 500,
        "sha256": sound,
        "original": "clips/originals/hello.mp3",
        "loudness": -19.5,
        "sound": sound,
    }
    assert migrated["clips"]["Default greeting"]["source"] == "shipped"


def test_a_clip_without_sound_is_left_and_its_agents_speak_their_text(
    migrated: dict[str, Any],
) -> None:
    assert migrated["clips"]["Silent"] is None
    agents = migrated["agents"]
    assert agents["Vera"] == {"greeting": None, "apology": "Uploaded"}
    assert agents["Otto"] == {"greeting": "Uploaded", "apology": None}


def test_the_clips_that_are_new_go_to_the_shipped_agent_alone(migrated: dict[str, Any]) -> None:
    assert migrated["clips"]["Default one moment"] and migrated["clips"]["Default out of hours"]
    assert migrated["agents"]["Reception"]["greeting"] == "Default greeting"


def test_numbers_and_tools_stay(migrated: dict[str, Any]) -> None:
    ((number, agent),) = migrated["numbers"].items()
    assert (number, migrated["served_names"][str(agent)]) == ("+351200000011", "Vera")
    assert migrated["tools"]["end_call"] == ["full", False]
    assert migrated["tools"]["get_current_time"] == ["critical", True]


def test_revisions_without_a_document_are_forgotten_and_one_is_made(
    migrated: dict[str, Any],
) -> None:
    assert migrated["causes"] == ["Installed or upgraded"]
