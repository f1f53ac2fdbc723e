"""What operators ask of a running process, through the real application."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from calls import operations, warmup
from calls.drain import Drain
from calls.warmup import Part, Report
from catalog import warmup as catalog_warmup
from tests.calls.fake_twilio import FakeTwilio
from voiceagent.asgi import application


@pytest.fixture
async def operator() -> AsyncIterator[FakeTwilio]:
    operator = FakeTwilio(application)
    yield operator
    await operator.close()


async def test_it_is_alive(operator: FakeTwilio) -> None:
    response = await operator.request("GET", "/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


async def test_it_is_not_ready_before_the_warm_up_is_done(
    operator: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warmup, "report", lambda: Report(False, (Part("catalog", 12.34),)))
    response = await operator.request("GET", "/readyz")
    assert response.status_code == 503
    document = response.json()
    assert document["ready"] is False
    assert document["parts"] == [{"name": "catalog", "ms": 12.3, "error": None}]


async def test_it_is_ready_and_shows_what_failed(
    operator: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = (Part("catalog", 1.0), Part("speech models", 2.0, "OSError: no such file"))
    monkeypatch.setattr(warmup, "report", lambda: Report(True, parts))
    monkeypatch.setattr(catalog_warmup, "problem", lambda: "The newest catalog cannot be used.")
    response = await operator.request("GET", "/readyz")
    assert response.status_code == 200
    document = response.json()
    assert document["ready"] is True
    assert [part["error"] for part in document["parts"]] == [None, "OSError: no such file"]
    assert document["catalog_problem"] == "The newest catalog cannot be used."


async def test_it_is_not_ready_any_more_when_it_is_about_to_stop(
    operator: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = Drain()
    stopping.begin(900.0)
    monkeypatch.setattr(warmup, "report", lambda: Report(True, ()))
    monkeypatch.setattr(operations, "drain", stopping)
    response = await operator.request("GET", "/readyz")
    document = response.json()
    assert (response.status_code, document["ready"], document["draining"]) == (503, False, True)


async def test_it_shows_its_figures_in_the_prometheus_format(operator: FakeTwilio) -> None:
    response = await operator.request("GET", "/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    names = {family.name for family in text_string_to_metric_families(response.text)}
    assert {
        "greeting_start_latency_ms",
        "pipeline_creation_time_ms",
        "context_prefetch_time_ms",
        "context_injection_time_ms",
        "first_llm_response_time_ms",
    } <= names


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_it_answers_them_without_the_database(operator: FakeTwilio, path: str) -> None:
    # No database is allowed in this test: a query in any thread would fail it.
    assert (await operator.request("GET", path)).status_code in {200, 503}


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer another"}, 401),
        ({"authorization": "bearer the-token"}, 401),
        ({"authorization": "Bearer the-token"}, 200),
    ],
)
async def test_with_a_token_its_figures_are_for_who_shows_it(
    operator: FakeTwilio, settings: Settings, shown: dict[str, str], status: int
) -> None:
    settings.METRICS_TOKEN = "the-token"
    response = await operator.request("GET", "/metrics", headers=shown)
    assert response.status_code == status
    assert ("live_calls" in response.text) == (status == 200)
    assert (await operator.request("GET", "/healthz")).status_code == 200


async def test_whoever_asks_has_the_loop_sampled(operator: FakeTwilio) -> None:
    await operator.request("GET", "/metrics")
    await asyncio.sleep(0.25)
    text = (await operator.request("GET", "/metrics")).text
    (count,) = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "loop_lag_ms_count"
    ]
    assert count >= 2


async def test_everything_else_goes_the_long_way_through_django(operator: FakeTwilio) -> None:
    response = await operator.request("GET", "/admin/")
    assert response.status_code == 302
    assert response.headers["location"].startswith("/admin/login/")
