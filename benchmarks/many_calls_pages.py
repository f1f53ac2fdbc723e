"""How long does each page take, and how many queries, with the many calls in the database?"""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from benchmarks.many_calls_business import MANAGER, SUPERVISOR
from calls.admin.counted import MOST_COUNTED
from calls.models import Call
from catalog.models import Agent, CatalogRevision
from customers.models import Customer

ROUNDS = 5
MOST_MS = 500.0
MOST_QUERIES = 15


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    address: str
    who: str = MANAGER


@dataclass(frozen=True, slots=True)
class Opened:
    page: Page
    status: int
    median_ms: float
    worst_ms: float
    queries: int

    @property
    def passed(self) -> bool:
        return self.status == 200 and self.median_ms <= MOST_MS and self.queries <= MOST_QUERIES


def pages() -> Iterator[Page]:
    yield from _dashboard()
    calls, newest = reverse("admin:calls_call_changelist"), Call.objects.latest("pk")
    last = min(Call.objects.count(), MOST_COUNTED) // 50  # the list pages no further
    agent = Agent.objects.order_by("pk").last()
    narrowed: dict[str, dict[str, object]] = {
        "page 1": {},
        "last page": {"p": last},
        "of an agent": {"agent": agent.pk if agent else 0},
        "of a number": {"number": newest.to_number},
        "hung up by the caller": {"ended_by": "caller"},
        "last 30 days": {"period": 30},
        "lost early": {"look": "lost-early"},
        "slow": {"look": "slow"},
        "with errors": {"look": "errors"},
        "unhappy": {"look": "unhappy"},
        "rated 1": {"rating": 1},
        "tagged": {"tag": "slow"},
        "search: every call": {"q": "thank you"},
        "search: one in fifty": {"q": "implant"},
        "search: one in a thousand": {"q": "pterodactyl"},
        "search: no call": {"q": "zzzz"},
        "search: a number": {"q": newest.from_number},
        "search: a customer": {"q": "Customer 17"},
        "search: a SID": {"q": newest.call_sid},
    }
    for name, values in narrowed.items():
        yield Page(f"calls, {name}", f"{calls}?{urlencode(values)}")
    for call in Call.objects.filter(duration_ms__gt=60_000).order_by("pk")[:1]:
        yield Page("one call", reverse("admin:calls_call_change", args=(call.pk,)))
    yield from _others()


def _dashboard() -> Iterator[Page]:
    first = reverse("admin:index")
    agent = Agent.objects.order_by("pk").last()
    narrowed = [{"period": period} for period in ("2", "today", "yesterday", "7", "30", "90")]
    narrowed += [
        {"period": "custom", "from": "2000-01-01", "to": "2100-01-01"},
        {"period": "90", "agent": str(agent.pk if agent else 0)},
        {"period": "90", "number": Call.objects.latest("pk").to_number},
    ]
    for values in narrowed:
        yield Page(f"dashboard, {' '.join(values.values())}", f"{first}?{urlencode(values)}")
    yield Page("dashboard of a supervisor", f"{first}?period=90", SUPERVISOR)


def _others() -> Iterator[Page]:
    customer, revision = Customer.objects.last(), CatalogRevision.objects.latest()
    for name, view in (
        ("customers", "customers_customer"),
        ("appointments", "customers_appointment"),
        ("audit log", "staff_auditentry"),
        ("revisions", "catalog_catalogrevision"),
    ):
        yield Page(name, reverse(f"admin:{view}_changelist"), SUPERVISOR)
    if customer is not None:
        key = (customer.pk,)
        yield Page("one customer", reverse("admin:customers_customer_change", args=key), SUPERVISOR)
        asked = reverse("admin:customers_customer_changelist") + "?q=17"
        yield Page("customers, search", asked, SUPERVISOR)
    key = (revision.pk,)
    yield Page(
        "one revision", reverse("admin:catalog_catalogrevision_change", args=key), SUPERVISOR
    )


def opened(page: Page, client: Client, rounds: int = ROUNDS) -> Opened:
    """Opened once before it counts: templates are compiled at their first use."""
    took, status, queries = [], 0, 0
    for number in range(rounds + 1):
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            status = client.get(page.address, follow=True).status_code
            ms = (time.perf_counter() - began) * 1_000
        if number or rounds == 0:
            took.append(ms)
        queries = max(queries, len(captured))
    return Opened(page, status, median(took), max(took), queries)


def browser_of(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def measure() -> int:
    """0 if every page is within the budget."""
    settings.ALLOWED_HOSTS = ["testserver"]
    browsers = {name: browser_of(name) for name in (MANAGER, SUPERVISOR)}
    say = sys.stdout.write
    say(f"{'page':42}{'median ms':>10}{'worst ms':>10}{'queries':>9}\n")
    failed = 0
    for page in pages():
        result = opened(page, browsers[page.who])
        failed += not result.passed
        told = f"{page.name:42}{result.median_ms:10.0f}{result.worst_ms:10.0f}{result.queries:9}"
        say(told + ("" if result.passed else f"  TOO MUCH (status {result.status})") + "\n")
    say(f"{failed} pages over {MOST_MS:.0f} ms or {MOST_QUERIES} queries.\n")
    return int(failed > 0)
