"""The customers' pages of the admin: who they are, their numbers, what is known of them."""

import pytest
from django.test import Client

from customers.models import Customer, CustomerPhone
from tests.customers.admin_forms import CUSTOMERS, FACTS, PHONES, customer_form, lines

ADD = f"{CUSTOMERS}add/"


def test_it_adds_a_customer_with_a_fact(alice: Client) -> None:
    fact = {"text": "Is afraid of needles."}
    response = alice.post(ADD, customer_form(**lines(FACTS, new=[fact])))
    assert response.status_code == 302
    ana = Customer.objects.get()
    assert (ana.phone, ana.facts.get().text) == ("+351200000011", "Is afraid of needles.")


def test_a_bad_number_is_an_error_of_the_form(alice: Client) -> None:
    response = alice.post(ADD, customer_form(phone="at work"))
    assert "country code" in response.content.decode()
    assert not Customer.objects.exists()


def test_it_lists_and_finds_customers(alice: Client, ana: Customer) -> None:
    ana.facts.create(text="Is afraid of needles.")
    ana.facts.create(text="Has two children.")
    page = alice.get(CUSTOMERS, {"q": "a"}).content.decode()
    assert page.count(">+351200000011<") == 1
    assert alice.get(f"{CUSTOMERS}{ana.pk}/change/").status_code == 200


def test_it_finds_a_customer_by_a_further_number(alice: Client, ana: Customer) -> None:
    ana.more_phones.create(number="+351200000021")
    assert ">+351200000011<" in alice.get(CUSTOMERS, {"q": "000021"}).content.decode()


def test_it_adds_further_numbers_in_one_spelling(alice: Client) -> None:
    more = lines(PHONES, new=[{"number": "+351 200 000 021"}])
    assert alice.post(ADD, customer_form(**more)).status_code == 302
    assert CustomerPhone.objects.get().number == "+351200000021"


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        (["at work"], "country code"),
        (["+351 200 000 011"], "This is the customer&#x27;s main number."),
        (["+351 200 000 012"], "A customer is on record with this number."),
        (["+351 200 000 031"], "already"),
        (["+351200000021", "+351 200 000 021"], "Please correct the duplicate"),
    ],
)
def test_it_refuses_further_numbers_that_lead_to_nobody_or_to_two(
    alice: Client, bea: Customer, numbers: list[str], sentence: str
) -> None:
    """Bea's are 12, and 31 besides."""
    bea.more_phones.create(number="+351200000031")
    more = lines(PHONES, new=[{"number": number} for number in numbers])
    response = alice.post(ADD, customer_form(**more))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert Customer.objects.get() == bea
    assert bea.more_phones.count() == 1


def test_a_customer_cannot_have_somebodys_further_number(alice: Client, bea: Customer) -> None:
    bea.more_phones.create(number="+351200000031")
    response = alice.post(ADD, customer_form(phone="+351 200 000 031"))
    assert "further number of a customer" in response.content.decode()
    assert Customer.objects.get() == bea
