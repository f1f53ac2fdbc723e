"""customers/models.py: one customer for each number, each fact once."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from customers.models import Customer, CustomerFact

pytestmark = pytest.mark.django_db


def test_a_number_is_kept_in_one_spelling() -> None:
    assert Customer.objects.create(name="Ana", phone="+351 200 000 011").phone == "+351200000011"


@pytest.mark.parametrize("phone", ["200 000 011", "anonymous", "+266696687"])
def test_a_number_nobody_could_call_from_is_refused(phone: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Customer(name="Ana", phone=phone).full_clean()
    assert "country code" in str(refused.value.message_dict["phone"])


def test_two_spellings_of_a_number_are_one_customer() -> None:
    Customer.objects.create(name="Ana", phone="+351200000011")
    with pytest.raises(ValidationError) as refused:
        Customer(name="Ana", phone="+351 200 000 011").full_clean()
    assert "already exists" in str(refused.value.message_dict["phone"])


def test_a_fact_is_on_record_once() -> None:
    ana = Customer.objects.create(name="Ana", phone="+351200000011")
    ana.facts.create(text="Is afraid of needles.")
    with pytest.raises(IntegrityError), transaction.atomic():
        ana.facts.create(text="Is afraid of needles.")


def test_the_rehearsal_customer_can_be_loaded_again_and_harms_nobody() -> None:
    """Without keys of their own the rows would take those of real customers."""
    ana = Customer.objects.create(name="Ana", phone="+351200000011")
    for _ in range(2):
        call_command("loaddata", "rehearsal", verbosity=0)
    ana.refresh_from_db()
    assert ana.name == "Ana"
    assert Customer.objects.count() == 2
    assert CustomerFact.objects.get().customer.name == "Maria Lopes"
