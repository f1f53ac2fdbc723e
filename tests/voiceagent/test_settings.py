"""Settings that make no sense are refused at the start, by name; the others mean what they say."""

import os
import subprocess
import sys

import pytest

from tests.voiceagent.settings_process import ROOT, read_settings, refusal

PRODUCTION = {"DEBUG": "false", "SECRET_KEY": "s" * 60}

NONSENSE = [
    ("DEBUG", "perhaps"),
    ("DEBUG", "2"),
    ("TWILIO_VALIDATE_SIGNATURES", "flase"),
    ("GREETING_AUDIO_ENABLED", "none"),
    ("EAGER_TOOL_LOADING", "y"),
    ("DIRECT_GREETING_INJECTION", "-1"),
    ("PARALLEL_CONTEXT_PREFETCH", "maybe"),
    ("SERVES_CALLS", "sometimes"),
    ("PREFETCH_TIMEOUT", "2s"),
    ("PREFETCH_TIMEOUT", "-1"),
    ("PREFETCH_TIMEOUT", "nan"),
    ("PREFETCH_TIMEOUT", "31"),
    ("MAX_CONCURRENT_CALLS", "0"),
    ("MAX_CONCURRENT_CALLS", "many"),
    ("DRAIN_TIMEOUT", "inf"),
    ("PUBLIC_BASE_URL", "voice.example.org"),
    ("PUBLIC_BASE_URL", "wss://voice.example.org"),
    ("PUBLIC_BASE_URL", "https://"),
    ("PUBLIC_BASE_URL", "https://voice.example.org/?a=1"),
    ("PUBLIC_BASE_URL", "https://voice.example.org#rc=2"),
    ("PUBLIC_BASE_URL", "https://["),
    ("PUBLIC_BASE_URL", "https://voice.example.org:80a"),
    ("TWILIO_API_BASE_URL", "api.twilio.com"),
    ("OPENAI_BASE_URL", "ftp://api.example.org"),
    ("CARTESIA_BASE_URL", "https://api.cartesia.ai"),
    ("OFFLINE_PROVIDERS_URL", "127.0.0.1:8090"),
    ("TOOL_CA_FILE", "/no/such/file.pem"),
    ("TOOL_CA_FILE", "README.md"),
    ("TWILIO_WS_PATH", "media-stream"),
    ("TWILIO_WS_PATH", "/media-stream/"),
    ("TWILIO_WS_PATH", "/media-stream?token=1"),
    ("TWILIO_WS_PATH", "/"),
    ("GREETING_PACING", "slow"),
    ("TURN_DETECTION", "clever"),
    ("LOG_LEVEL", "LOUD"),
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "nosuchdb://localhost/voiceagent"),
]


@pytest.mark.parametrize(("name", "value"), NONSENSE)
def test_it_refuses_nonsense_and_names_the_variable(name: str, value: str) -> None:
    assert name in refusal(**{name: value})


def test_a_process_with_nonsense_does_not_start() -> None:
    finished = subprocess.run(
        [sys.executable, "-c", "import voiceagent.settings"],
        env={**os.environ, "MAX_CONCURRENT_CALLS": "many"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode != 0
    assert finished.stderr.splitlines()[-1].endswith("MAX_CONCURRENT_CALLS='many': use a number.")


def test_it_refuses_to_go_into_production_without_a_secret_key() -> None:
    assert "SECRET_KEY" in refusal(DEBUG="false", SECRET_KEY="")


def test_it_makes_do_without_a_secret_key_in_development() -> None:
    answer = read_settings("SECRET_KEY", "DEBUG")
    assert answer["DEBUG"] is True
    assert answer["SECRET_KEY"].startswith("insecure-")


@pytest.mark.parametrize("secret", ["$tarts-with-a-dollar", "a$b", "x=y#z", "ção"])
def test_it_takes_secrets_as_they_are(secret: str) -> None:
    answer = read_settings(
        "SECRET_KEY", "TWILIO_AUTH_TOKEN", SECRET_KEY=secret, TWILIO_AUTH_TOKEN=secret
    )
    assert answer == {"SECRET_KEY": secret, "TWILIO_AUTH_TOKEN": secret}


@pytest.mark.parametrize(
    ("value", "meant"),
    [("true", True), ("1", True), ("YES", True), (" on ", True)]
    + [("false", False), ("0", False), ("No", False), ("off", False), ("", True)],
)
def test_it_understands_yes_and_no(value: str, meant: bool) -> None:
    answer = read_settings("EAGER_TOOL_LOADING", EAGER_TOOL_LOADING=value)
    assert answer["EAGER_TOOL_LOADING"] is meant


def test_it_counts_empty_variables_as_not_set() -> None:
    names = ("PREFETCH_TIMEOUT", "MAX_CONCURRENT_CALLS", "OPENAI_MODEL", "TWILIO_WS_PATH")
    assert read_settings(*names, **dict.fromkeys(names, "")) == {
        "PREFETCH_TIMEOUT": 2.0,
        "MAX_CONCURRENT_CALLS": 20,
        "OPENAI_MODEL": "gpt-4.1-mini",
        "TWILIO_WS_PATH": "/media-stream",
    }


def test_it_takes_the_secrets_of_tools_and_no_other_variable() -> None:
    answer = read_settings(
        "TOOL_SECRETS", TOOL_SECRET_CRM="k$y", TOOL_SECRET_EMPTY=" ", SECRET_KEY="s", MY_SECRET="m"
    )
    assert answer == {"TOOL_SECRETS": {"TOOL_SECRET_CRM": "k$y"}}


def test_it_uses_the_offline_providers_until_there_is_a_key() -> None:
    names = ("OPENAI_BASE_URL", "CARTESIA_BASE_URL")
    offline = {"OFFLINE_PROVIDERS_URL": "http://127.0.0.1:9001/"}
    assert read_settings(*names, **offline) == {
        "OPENAI_BASE_URL": "http://127.0.0.1:9001/v1",
        "CARTESIA_BASE_URL": "ws://127.0.0.1:9001",
    }
    keys = {"OPENAI_API_KEY": "a-key", "CARTESIA_API_KEY": "a-key"}
    assert read_settings(*names, **offline, **keys) == {
        "OPENAI_BASE_URL": "https://api.openai.com/v1",
        "CARTESIA_BASE_URL": "wss://api.cartesia.ai",
    }


def test_it_keeps_what_the_url_of_the_database_asks_for() -> None:
    url = "postgres://user:p%23ss@db.example.org:5433/voice?sslmode=require"
    (database,) = read_settings("DATABASES", DATABASE_URL=url)["DATABASES"].values()
    assert (database["HOST"], database["PORT"], database["PASSWORD"]) == (
        "db.example.org",
        5433,
        "p#ss",
    )
    assert database["CONN_MAX_AGE"] == 0
    assert database["OPTIONS"]["pool"]["max_size"] > 0
    assert database["OPTIONS"]["sslmode"] == "require", "or it would connect without TLS"


def test_it_is_strict_about_cookies_and_tls_in_production() -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "ALLOWED_HOSTS")
    answer = read_settings(*names, **PRODUCTION, PUBLIC_BASE_URL="https://voice.example.org/")
    assert answer == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "ALLOWED_HOSTS": ["voice.example.org", "localhost", "127.0.0.1"],
    }


def test_it_takes_its_version_from_the_newest_heading_of_the_changelog() -> None:
    version = read_settings("VERSION")["VERSION"]
    assert [part.isdigit() for part in version.split(".")] == [True] * 3
