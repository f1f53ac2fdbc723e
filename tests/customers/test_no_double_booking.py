"""The database itself refuses what overlaps, whoever writes it. Below the ORM, so in raw SQL.

test_local_on_postgres.py runs the same on PostgreSQL.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction

from customers.models import Appointment, Customer
from customers.no_double_booking import MISSPELLED, SAYS

pytestmark = pytest.mark.django_db

TEN = datetime(2031, 12, 1, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)


def insert(customer: Customer, starts_at: datetime, ends_at: datetime, **changes: str) -> int:
    row = {"calendar": "main", "status": "booked", "reason": "", **changes}
    adapt = connection.ops.adapt_datetimefield_value
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_appointment"
            " (customer_id, starts_at, ends_at, created_at, calendar, status, reason)"
            " values (%s, %s, %s, %s, %s, %s, %s) returning id",
            [customer.pk, adapt(starts_at), adapt(ends_at), adapt(TEN), *row.values()],
        )
        key: int = cursor.fetchone()[0]
    return key


def update(key: int, assignment: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"update customers_appointment set {assignment} where id = %s", [*values, key]
        )


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        (TEN, TEN + 30 * MINUTE),
        (TEN + 29 * MINUTE, TEN + 59 * MINUTE),
        (TEN - 29 * MINUTE, TEN + MINUTE),
        (TEN + 10 * MINUTE, TEN + 20 * MINUTE),
        (TEN - 60 * MINUTE, TEN + 60 * MINUTE),
        (TEN - 30 * MINUTE, TEN + MICROSECOND),
        (TEN + 30 * MINUTE - MICROSECOND, TEN + 60 * MINUTE),
    ],
)
def test_an_insert_that_overlaps_is_refused(
    ana: Customer, bea: Customer, starts: datetime, ends: datetime
) -> None:
    insert(ana, TEN, TEN + 30 * MINUTE)
    with pytest.raises(Error, match=SAYS):
        insert(bea, starts, ends)
    assert Appointment.objects.count() == 1


def test_an_insert_that_touches_or_is_elsewhere_is_taken(ana: Customer) -> None:
    insert(ana, TEN, TEN + 30 * MINUTE)
    insert(ana, TEN + 30 * MINUTE, TEN + 60 * MINUTE + MICROSECOND)
    insert(ana, TEN + 60 * MINUTE + MICROSECOND, TEN + 90 * MINUTE)
    insert(ana, TEN - 30 * MINUTE, TEN)
    insert(ana, TEN, TEN + 30 * MINUTE, calendar="other")
    insert(ana, TEN, TEN + 30 * MINUTE, status="cancelled")
    assert Appointment.objects.count() == 6


def test_many_rows_in_one_statement_are_each_looked_at(ana: Customer) -> None:
    def row(starts_at: datetime) -> Appointment:
        return Appointment(customer=ana, starts_at=starts_at, ends_at=starts_at + 30 * MINUTE)

    with pytest.raises(Error, match=SAYS), transaction.atomic():
        Appointment.objects.bulk_create([row(TEN), row(TEN + 29 * MINUTE)])
    assert not Appointment.objects.exists()


def test_an_update_into_another_one_is_refused(ana: Customer, bea: Customer) -> None:
    adapt = connection.ops.adapt_datetimefield_value
    insert(ana, TEN, TEN + 30 * MINUTE)
    after = insert(bea, TEN + 30 * MINUTE, TEN + 60 * MINUTE)
    elsewhere = insert(bea, TEN, TEN + 30 * MINUTE, calendar="other")
    cancelled = insert(bea, TEN, TEN + 30 * MINUTE, status="cancelled")
    with pytest.raises(Error, match=SAYS):
        update(after, "starts_at = %s", adapt(TEN + 29 * MINUTE))
    with pytest.raises(Error, match=SAYS):
        update(elsewhere, "calendar = 'main'")
    with pytest.raises(Error, match=SAYS):
        update(cancelled, "status = 'booked'")
    with pytest.raises(Error, match=SAYS), transaction.atomic():
        Appointment.objects.filter(pk=cancelled).update(status="booked")
    # Its own time is in nobody's way.
    update(after, "starts_at = %s, reason = 'moved'", adapt(TEN + 31 * MINUTE))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere, times are no text")
@pytest.mark.parametrize(
    "time",
    ["2031-12-01T10:00:00", "2031-12-01 10:00:00Z", "2031-12-01 10:00:00+00:00", "2031-12-01", "5"],
)
def test_a_time_that_would_not_sort_among_the_others_is_refused(ana: Customer, time: str) -> None:
    key = insert(ana, TEN, TEN + 30 * MINUTE + MICROSECOND)
    for column in ("starts_at", "ends_at"):
        with pytest.raises(Error, match=MISSPELLED):
            update(key, f"{column} = %s", time)


def test_an_appointment_ends_after_it_begins(ana: Customer) -> None:
    for ends_at in (TEN, TEN - MINUTE):
        with pytest.raises(Error):
            insert(ana, TEN, ends_at)


@pytest.mark.django_db(transaction=True)
def test_the_migration_goes_back_and_forth() -> None:
    try:
        call_command("migrate", "customers", "0002", verbosity=0)
        assert Appointment._meta.db_table not in connection.introspection.table_names()
        assert not rule_is_there()
    finally:
        call_command("migrate", verbosity=0)
    ana = Customer.objects.create(name="Ana", phone="+351200000011")
    insert(ana, TEN, TEN + 30 * MINUTE)
    with pytest.raises(Error, match=SAYS):
        insert(ana, TEN, TEN + 30 * MINUTE)
    assert rule_is_there()


def rule_is_there() -> bool:
    catalog = "sqlite_master where name"
    if connection.vendor == "postgresql":
        catalog = "pg_proc where proname"
    with connection.cursor() as cursor:
        cursor.execute(f"select count(*) from {catalog} like %s", [f"{SAYS}%"])
        return bool(cursor.fetchone()[0])
