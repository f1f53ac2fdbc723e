"""Every page of the admin, found in its URLs, with the address of a sample of what it shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.db.models import Model
from django.urls import URLPattern, URLResolver, reverse

from calls.call_rows import write
from calls.happenings import CallRang
from calls.models import Call, Webhook, WebhookDelivery
from catalog.models import (
    CatalogRevision,
    Clip,
    HttpTool,
    HttpToolParameter,
    McpServer,
    PhoneNumber,
    Prompt,
    Tool,
)
from catalog.publishing import publish
from customers.models import Appointment, Customer
from staff.models import AuditEntry
from tests.catalog.factories import make_agent, make_recording, make_version

# Pages whose name does not begin with what they are about.
ABOUT = {"calls_prompt_preview": "catalog_promptversion"}
QUERIES = {"autocomplete": "?app_label=catalog&model_name=agent&field_name=prompt"}


@dataclass(frozen=True, slots=True)
class Samples:
    """One row of each kind, that may be seen, changed and deleted: "app_model" to its key."""

    keys: dict[str, int]

    def address(self, page: str) -> str:
        """Of a page as tests/staff/who_may.py names it."""
        name, _space, label = page.partition(" ")
        if label:
            return reverse(f"admin:{name}", args=(label,))
        if name == "view_on_site":
            return reverse("admin:view_on_site", args=(1, 1))
        try:
            plain = name.endswith(("_changelist", "_add"))
            args = () if plain or not _wants_a_key(name) else (self._key(name),)
        except KeyError as error:
            raise AssertionError(f"say in tests/staff/admin_pages.py what {page} shows") from error
        return reverse(f"admin:{name}", args=args) + QUERIES.get(name, "")

    def _key(self, name: str) -> int:
        about = ABOUT.get(name) or "_".join(name.split("_")[:2])
        return self.keys[about]


def make_samples() -> Samples:
    agent = make_agent("Sample")
    clip, prompt = Clip.objects.create(name="Sample"), Prompt.objects.create(name="Sample")
    recording = make_recording(clip)
    recording.original.save("sample.wav", ContentFile(b"RIFF"))
    write(CallRang("CA1", "+351200000002", "+351200000001", "Sample", 1, 3.5))
    webhook = Webhook.objects.create(name="Sample", url="https://example.org/calls")
    asked = HttpToolParameter.objects.create(
        tool=HttpTool.objects.create(name="sample", url="https://example.org/{id}"), name="id"
    )
    customer = Customer.objects.create(name="Sample", phone="+351200000002")
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    publish("A sample")
    rows: tuple[Model, ...] = (
        agent,
        PhoneNumber.objects.create(number="+351200000009", agent=agent),
        McpServer.objects.create(name="sample", url="https://example.org/mcp"),
        clip,
        recording,
        prompt,
        make_version(prompt, "Be brief."),
        Tool.objects.create(name="a_tool_that_is_gone"),
        asked.tool,
        CatalogRevision.objects.latest(),
        customer,
        Appointment.objects.create(
            customer=customer, starts_at=at, ends_at=at + timedelta(minutes=30)
        ),
        Call.objects.get(),
        webhook,
        WebhookDelivery.objects.create(webhook=webhook, call=Call.objects.get()),
        User.objects.create_user("sample"),
        Group.objects.create(name="Sample"),
        AuditEntry.objects.latest(),
    )
    return Samples({f"{row._meta.app_label}_{row._meta.model_name}": row.pk for row in rows})


def pages() -> set[str]:
    """By their names; the list of an app's models once for each app."""
    apps = {model._meta.app_label for model in admin.site._registry}
    found = {pattern.name for pattern in _patterns() if pattern.name}
    return (found - {"app_list"}) | {f"app_list {app}" for app in apps}


def nameless_addresses() -> set[str]:
    return {str(pattern.pattern) for pattern in _patterns() if not pattern.name}


def _wants_a_key(name: str) -> bool:
    return any(p.name == name and p.pattern.converters for p in _patterns())


def _patterns(within: Any = None) -> Iterator[URLPattern]:
    for pattern in admin.site.urls[0] if within is None else within:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns)
        else:
            yield pattern
