"""Trying an HTTP tool out in the admin: the real request, by whoever may change the tool."""

import asyncio
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.admin.http_trial import try_out
from catalog.models import HttpTool
from tests.catalog.http_tools import parameter, saved, spec_of
from tests.catalog.https_server import HttpsServer
from tests.catalog.studio import editor, reader

SECRET = "k-93"


@pytest.fixture
def erin(db: None) -> Client:
    return editor()


@pytest.fixture(autouse=True)
def environment(server: HttpsServer, settings: Any) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset({"localhost"})
    settings.TOOL_SECRETS = {"TOOL_SECRET_CRM": SECRET}


def change(tool: HttpTool) -> str:
    return reverse("admin:catalog_httptool_change", args=(tool.pk,))


def trial(tool: HttpTool) -> str:
    return reverse("admin:catalog_httptool_try", args=(tool.pk,))


def test_trying_it_sends_the_real_request_and_shows_what_an_agent_is_told(
    erin: Client, server: HttpsServer
) -> None:
    tool = saved(
        f"{server.origin}/orders/{{order}}?n={{n}}&rush={{rush}}",
        [
            parameter("order"),
            parameter("n", "integer", required=False),
            parameter("rush", "boolean"),
        ],
        headers="Authorization: Bearer {TOOL_SECRET_CRM}",
    )
    assert "This is a real request" in erin.get(trial(tool)).content.decode()
    values = {"value-order": "a/b", "value-n": "", "value-rush": "no"}
    response = erin.post(trial(tool), values)
    page = response.content.decode()
    result = response.context["trial"]
    assert result.ok and result.status == 200 and 0 < result.ms < 5_000
    assert '"path": "/orders/a%2Fb?rush=false"' in result.told
    assert "It worked" in page and "Status 200" in page
    assert "Bearer •••" in result.told and SECRET not in page


def test_a_trial_that_fails_says_why(erin: Client, server: HttpsServer) -> None:
    missing = saved(f"{server.origin}/status/404", name="missing")
    page = erin.post(trial(missing)).content.decode()
    assert "It did not work" in page and "Status 404" in page and "no such order" in page
    nobody = saved("https://localhost:9/", name="nobody")
    assert "nothing listens there" in erin.post(trial(nobody)).content.decode()
    private = saved("https://10.0.0.1/", name="private")
    assert "not on the public internet" in erin.post(trial(private)).content.decode()


def test_a_trial_without_its_values_sends_nothing(erin: Client, server: HttpsServer) -> None:
    tool = saved(f"{server.origin}/orders/{{order}}", [parameter("order")])
    response = erin.post(trial(tool))
    assert response.context["trial"] is None
    assert "This field is required." in response.content.decode()


def test_each_trial_of_a_change_has_a_key_of_its_own(erin: Client, server: HttpsServer) -> None:
    tool = saved(f"{server.origin}/orders", method="POST", changes_something=True)
    keys = set()
    for _ in range(2):
        told = erin.post(trial(tool)).context["trial"].told
        keys.add(told.split('"Idempotency-Key": "')[1][:32])
    assert len(keys) == 2


def test_whoever_may_only_read_tries_nothing_out(server: HttpsServer, db: None) -> None:
    rita = reader()
    tool = saved(f"{server.origin}/echo")
    assert rita.get(trial(tool)).status_code == 403
    assert rita.post(trial(tool)).status_code == 403
    assert trial(tool) not in rita.get(change(tool)).content.decode()


def test_a_trial_that_another_site_sends_is_refused(erin: Client, server: HttpsServer) -> None:
    tool = saved(f"{server.origin}/echo")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = erin.cookies
    assert strict.post(trial(tool)).status_code == 403


async def test_a_trial_works_beside_a_running_event_loop(
    server: HttpsServer, settings: Any
) -> None:
    """As under the server, where requests are threads beside the loop that carries the calls."""
    spec = spec_of(f"{server.origin}/echo")
    trial = await asyncio.to_thread(try_out, spec, {})
    assert trial.ok
