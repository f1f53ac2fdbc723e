"""Whose are the many calls? A business with agents, numbers, customers, colleagues and a log."""

from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from benchmarks import many_calls_tables as tables
from benchmarks.many_calls_rows import Line, ManyCalls
from calls.models import Call
from catalog.models import Agent, CatalogRevision, PhoneNumber, Prompt
from customers.models import Appointment, Customer
from staff.models import AuditEntry
from staff.roles import MANAGERS, SUPERVISORS

AGENTS = ("Reception", "Evenings", "Lisbon clinic")
NUMBERS = ("+351210000001", "+351210000002", "+351210000003", "+351220000004", "+351220000005")
CUSTOMERS = 5_000
REVISIONS = 400
CHANGES = 20_000
MANAGER, SUPERVISOR = "manager of many", "supervisor of many"


def fill(calls: int, utterances: int) -> bool:
    """Whether there was anything to do: rows of calls that are there stay as they are."""
    if Call.objects.exists():
        return False
    lines = _lines()
    _people()
    for sheets in ManyCalls(calls, utterances, lines, timezone.now()).batches():
        tables.write(sheets)
    share = min(1.0, calls / 100_000)
    _customers(round(CUSTOMERS * share))
    _revisions(round(REVISIONS * share))
    _audit_log(round(CHANGES * share))
    tables.count_on([Call])
    tables.take_stock()
    return True


def _lines() -> tuple[Line, ...]:
    prompt, _made = Prompt.objects.get_or_create(name="Receptionist of many")
    lines = []
    for place, number in enumerate(NUMBERS):
        name = AGENTS[place % len(AGENTS)]
        agent = Agent.objects.filter(name=name).first() or Agent.objects.create(
            name=name, business_name="Harbour Dental", greeting_text="Hello.", prompt=prompt
        )
        PhoneNumber.objects.update_or_create(number=number, defaults={"agent": agent})
        lines.append(Line(number, agent.pk, agent.name))
    return tuple(lines)


def _people() -> None:
    for name, role in ((MANAGER, MANAGERS), (SUPERVISOR, SUPERVISORS)):
        user, _made = User.objects.get_or_create(username=name, defaults={"is_staff": True})
        user.groups.add(Group.objects.get(name=role))


def _customers(many: int) -> None:
    customers = Customer.objects.bulk_create(
        [
            Customer(name=f"Customer {number}", phone=f"+3519{number:08d}", status="active")
            for number in range(many)
        ]
    )
    starts = timezone.now().replace(minute=0, second=0, microsecond=0)
    Appointment.objects.bulk_create(
        [
            Appointment(
                customer=customer,
                starts_at=starts + timedelta(hours=number),
                ends_at=starts + timedelta(hours=number + 1),
            )
            for number, customer in enumerate(customers)
        ]
    )


def _revisions(many: int) -> None:
    newest = CatalogRevision.objects.order_by("pk").last()
    document = newest.document if newest is not None else []
    CatalogRevision.objects.bulk_create(
        [
            CatalogRevision(document=document, cause=f"Change {number}", author_name="maria")
            for number in range(many)
        ]
    )


def _audit_log(many: int) -> None:
    kind, now = ContentType.objects.get_for_model(Customer), timezone.now()
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                content_type=kind,
                object_pk=str(number),
                object_id=number,
                object_repr=f"#{number}",
                action=AuditEntry.Action.UPDATE,
                changes={"notes": ["", "*"]},
                actor_name="maria",
                timestamp=now - timedelta(minutes=number),
            )
            for number in range(many)
        ],
        batch_size=2_000,
    )
