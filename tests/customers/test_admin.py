"""The customer pages of the admin."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from customers.models import Customer

ADD = "/admin/customers/customer/add/"
INLINE = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}


@pytest.fixture
def alice(db: None, client: Client) -> Client:
    """The browser of Alice, who may do everything."""
    client.force_login(User.objects.create_superuser("alice"))
    return client


def form(**fields: str) -> dict[str, object]:
    usual = {"name": "Ana", "phone": "+351 200 000 011", "status": "vip", "language": "pt"}
    return usual | {f"facts-{name}": value for name, value in INLINE.items()} | fields


def test_it_adds_a_customer_with_a_fact(alice: Client) -> None:
    response = alice.post(ADD, form(**{"facts-0-text": "Is afraid of needles."}))
    assert response.status_code == 302
    ana = Customer.objects.get()
    assert (ana.phone, ana.facts.get().text) == ("+351200000011", "Is afraid of needles.")


def test_a_bad_number_is_an_error_of_the_form(alice: Client) -> None:
    response = alice.post(ADD, form(phone="at work"))
    assert "country code" in response.content.decode()
    assert not Customer.objects.exists()


def test_it_lists_and_finds_customers(alice: Client) -> None:
    ana = Customer.objects.create(name="Ana", phone="+351200000011")
    ana.facts.create(text="Is afraid of needles.")
    ana.facts.create(text="Has two children.")
    page = alice.get("/admin/customers/customer/", {"q": "a"}).content.decode()
    assert page.count(">+351200000011<") == 1
    assert alice.get(f"/admin/customers/customer/{ana.pk}/change/").status_code == 200
