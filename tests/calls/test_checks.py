"""What keeps an installation from answering real calls is said before it tries."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import INFO, CheckMessage, registry

from calls.checks import (
    figures_are_for_somebody,
    is_not_for_development,
    providers_are_real,
    public_url_is_secure,
    recordings_are_kept,
    twilio_can_be_verified,
)
from tests.catalog.factories import make_agent, make_clip


@pytest.fixture(autouse=True)
def production(settings) -> None:
    settings.DEBUG = False
    settings.PUBLIC_BASE_URL = "https://voice.example.org"
    settings.TWILIO_VALIDATE_SIGNATURES = True
    settings.TWILIO_ACCOUNT_SID = "AC0"
    settings.TWILIO_AUTH_TOKEN = "a-token"
    settings.OPENAI_API_KEY = "a-key"
    settings.CARTESIA_API_KEY = "a-key"
    settings.METRICS_TOKEN = "a-token"


def ids(check: Callable[..., list[CheckMessage]]) -> list[str | None]:
    found = check()
    assert all(message.hint for message in found), "each says what to do"
    return [message.id for message in found]


@pytest.mark.parametrize(
    "check",
    [
        twilio_can_be_verified,
        providers_are_real,
        public_url_is_secure,
        is_not_for_development,
        figures_are_for_somebody,
    ],
)
def test_it_finds_nothing_in_a_complete_installation(check: Any) -> None:
    assert ids(check) == []


def test_it_warns_of_figures_that_everybody_reads(settings) -> None:
    settings.METRICS_TOKEN = ""
    assert ids(figures_are_for_somebody) == ["calls.W008"]


def test_it_refuses_to_leave_signatures_unchecked_in_production(settings) -> None:
    settings.TWILIO_VALIDATE_SIGNATURES = False
    assert ids(twilio_can_be_verified) == ["calls.E001"]
    settings.DEBUG = True
    assert ids(twilio_can_be_verified) == []


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
def test_it_asks_for_what_signatures_need(settings, name: str) -> None:
    setattr(settings, name, "")
    assert ids(twilio_can_be_verified) == ["calls.E002"]
    assert name in twilio_can_be_verified()[0].msg


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "CARTESIA_API_KEY"])
def test_it_warns_of_a_stand_in_for_a_provider(settings, name: str) -> None:
    setattr(settings, name, "")
    assert ids(providers_are_real) == ["calls.W003"]
    assert name in providers_are_real()[0].msg
    settings.DEBUG = True
    assert ids(providers_are_real) == []


def test_it_refuses_to_be_deployed_without_tls(settings) -> None:
    settings.PUBLIC_BASE_URL = "http://voice.example.org"
    assert ids(public_url_is_secure) == ["calls.E004"]


def test_it_admits_that_development_proves_nothing(settings) -> None:
    settings.DEBUG = True
    assert ids(is_not_for_development) == ["calls.W005"]


def test_they_are_registered_and_the_one_on_tls_only_for_deployment() -> None:
    checks = registry.registry
    assert {twilio_can_be_verified, providers_are_real} <= set(checks.registered_checks)
    assert public_url_is_secure in checks.deployment_checks
    assert public_url_is_secure not in checks.registered_checks


@pytest.mark.django_db
def test_it_says_who_records_without_telling_callers(settings, tmp_path: Path) -> None:
    settings.RECORDING_DIR = tmp_path / "not made yet"
    assert recordings_are_kept(databases=["default"]) == []
    silent = make_agent("Vera", record_calls=True)
    (found,) = recordings_are_kept(databases=["default"])
    assert (found.id, found.level) == ("calls.I006", INFO) and "Vera" in found.msg
    assert recordings_are_kept() == [], "without a database nothing is asked of it"
    silent.consent_clip = make_clip("Announcement")
    silent.save()
    assert recordings_are_kept(databases=["default"]) == []


@pytest.mark.django_db
def test_it_warns_of_recordings_that_cannot_be_written(settings, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a-file"
    in_the_way.write_text("")
    settings.RECORDING_DIR = in_the_way / "recordings"
    assert recordings_are_kept(databases=["default"]) == [], "nobody records"
    make_agent("Vera", record_calls=True, consent_clip=make_clip("Announcement"))
    (found,) = recordings_are_kept(databases=["default"])
    assert found.id == "calls.W007" and found.hint
