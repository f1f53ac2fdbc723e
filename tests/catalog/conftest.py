"""Every test starts in a process that has not warmed up, with somebody who may edit the catalog."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog import warmup


@pytest.fixture(autouse=True)
def cold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warmup, "_snapshot", None)
    monkeypatch.setattr(warmup, "_problem", None)


@pytest.fixture
def alice(db: None, client: Client) -> Client:
    """The browser of Alice, who may do everything."""
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def bob(db: None, client: Client) -> Client:
    """The browser of Bob, who may log in and nothing more."""
    client.force_login(User.objects.create_user("bob", is_staff=True))
    return client
