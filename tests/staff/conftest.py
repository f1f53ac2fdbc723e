"""Browsers of people whose doings are written down."""

import pytest
from django.test import Client
from pytest_django import Settings

from tests.staff.people import browser_of, hire


@pytest.fixture
def boss(db: None) -> Client:
    return browser_of(hire("X"))


@pytest.fixture
def supervisor(db: None) -> Client:
    return browser_of(hire("S"))


@pytest.fixture
def quick_hashes(settings: Settings) -> None:
    """Passwords in a thousandth of the time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
