"""What exactly will the model be told, with this version of a prompt and this caller?"""

import dataclasses
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from auditlog.signals import accessed
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from calls.prompting import system_prompt
from catalog.document import parse, read_tables
from catalog.models import Prompt, PromptVersion
from catalog.prompt_tokens import about_tokens
from catalog.snapshot import AgentSpec, PromptText
from catalog.snapshot_loading import SnapshotInvalid, build_snapshot
from customers.local import record_of
from customers.models import Customer

MOST_CUSTOMERS = 200


def prompt_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """?agent=1&customer=2: by default the first agent that uses the prompt, and nobody known."""
    user = request.user
    if not (user.has_perm("catalog.view_prompt") or user.has_perm("catalog.change_prompt")):
        raise PermissionDenied
    version = get_object_or_404(PromptVersion.objects.select_related("prompt"), pk=pk)
    customers = _customers(request)
    customer = _chosen(customers, request.GET.get("customer"))
    agents, problem = _agents()
    agent = _agent(agents, request.GET.get("agent"), version)
    told = _told(agent, version, customer) if agent is not None else ""
    if customer is not None:
        accessed.send(sender=Customer, instance=customer)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": version.prompt.name,
        "subtitle": _("What the model is told"),
        "opts": Prompt._meta,
        "version": version,
        "agents": agents,
        "agent": agent,
        "customers": customers,
        "customer": customer,
        "may_choose_customers": user.has_perm("customers.view_customer"),
        "problem": problem,
        "told": told,
        "tokens": about_tokens(told),
    }
    return TemplateResponse(request, "calls/prompt_preview.html", context)


def _customers(request: HttpRequest) -> list[Customer]:
    if not request.user.has_perm("customers.view_customer"):
        return []
    return list(Customer.objects.order_by("name")[:MOST_CUSTOMERS])


def _chosen(customers: list[Customer], asked: str | None) -> Customer | None:
    return next((customer for customer in customers if str(customer.pk) == asked), None)


def _agents() -> tuple[list[AgentSpec], str]:
    """The agents as they stand in the admin, or why they cannot be used."""
    try:
        return list(build_snapshot(0, parse(read_tables())).agents.values()), ""
    except SnapshotInvalid as error:
        return [], str(error)


def _agent(agents: list[AgentSpec], asked: str | None, version: PromptVersion) -> AgentSpec | None:
    by_wish = [agent for agent in agents if str(agent.agent_id) == asked]
    users = set(version.prompt.agents.values_list("pk", flat=True))
    by_use = [agent for agent in agents if agent.agent_id in users]
    return next(iter([*by_wish, *by_use, *agents]), None)


def _told(agent: AgentSpec, version: PromptVersion, customer: Customer | None) -> str:
    prompt = PromptText(version.pk, version.prompt.name, version.version, version.text)
    now = datetime.now(ZoneInfo(agent.time_zone))
    return system_prompt(
        dataclasses.replace(agent, prompt=prompt),
        record_of(customer) if customer is not None else None,
        now,
        greeted=True,
        closed=not agent.is_open(now),
    )
