"""What a browser sends to the customers' pages of the admin."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from customers.models import Customer

# Their prefixes on the customer's page.
PHONES, FACTS, APPOINTMENTS = "more_phones", "facts", "appointments"
CUSTOMERS = "/admin/customers/customer/"
SLOTS = "/admin/customers/appointment/"
Line = Mapping[str, object]


def moment(hour: int, minute: int = 0, day: int = 1) -> datetime:
    """In December 2026, which is to come for as long as it matters to nobody."""
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC)


def slot(starts_at: datetime, ends_at: datetime, **more: object) -> dict[str, object]:
    """An appointment's fields."""
    return {
        "starts_at_0": f"{starts_at:%Y-%m-%d}",
        "starts_at_1": f"{starts_at:%H:%M:%S}",
        "ends_at_0": f"{ends_at:%Y-%m-%d}",
        "ends_at_1": f"{ends_at:%H:%M:%S}",
        "calendar": "main",
        "status": "booked",
        **more,
    }


def lines(prefix: str, new: Sequence[Line] = (), kept: Sequence[Line] = ()) -> dict[str, object]:
    """Rows beside a customer: those that were there, and then new ones."""
    everything = [*kept, *new]
    sent: dict[str, object] = {
        f"{prefix}-TOTAL_FORMS": len(everything),
        f"{prefix}-INITIAL_FORMS": len(kept),
        f"{prefix}-MIN_NUM_FORMS": 0,
        f"{prefix}-MAX_NUM_FORMS": 1000,
    }
    for number, line in enumerate(everything):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in line.items()}
    return sent


def customer_form(customer: Customer | None = None, **given: object) -> dict[str, object]:
    """A customer with nothing beside them; what is given comes on top."""
    usual = {"name": "Ana", "phone": "+351 200 000 011", "status": "vip", "language": "pt"}
    if customer is not None:
        usual |= {"name": customer.name, "phone": customer.phone}
    return {**usual, **lines(PHONES), **lines(FACTS), **lines(APPOINTMENTS), **given}
