"""Browsers of people whose doings are written down."""

import pytest
from django.test import Client

from tests.staff.people import browser_of, hire


@pytest.fixture
def boss(db: None) -> Client:
    return browser_of(hire("X"))


@pytest.fixture
def supervisor(db: None) -> Client:
    return browser_of(hire("S"))
