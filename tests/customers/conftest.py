"""A browser, and customers to look at."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from customers.models import Customer


@pytest.fixture
def alice(db: None, client: Client) -> Client:
    """The browser of Alice, who may do everything."""
    client.force_login(User.objects.create_superuser("alice"))
    return client


@pytest.fixture
def ana(db: None) -> Customer:
    return Customer.objects.create(name="Ana", phone="+351200000011")


@pytest.fixture
def bea(db: None) -> Customer:
    return Customer.objects.create(name="Bea", phone="+351200000012")
