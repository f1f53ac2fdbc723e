"""HTTP tools against a real https server: what is sent, what comes back, and what goes wrong."""

import json
import logging
import time
import traceback
from typing import Any

import pytest
from django.utils import translation

from calls.tool_results import result_of as result_of_outcome
from catalog.tools.context import ToolError, ToolOutcome, idempotency_key
from catalog.tools.http import http_tool_specs
from catalog.tools.http_call import HttpCallFailed
from catalog.tools.spec import ToolSpec
from tests.catalog.http_tools import http_tool, parameter, spec_of
from tests.catalog.https_server import HttpsServer

SECRET = 'k"93\\x'


@pytest.fixture(autouse=True)
def secrets(settings: Any) -> None:
    settings.TOOL_SECRETS = {"TOOL_SECRET_CRM": SECRET}


async def run(spec: ToolSpec, **arguments: Any) -> ToolOutcome:
    return await spec.handler(None, **spec.check_arguments(arguments))


async def result_of(spec: ToolSpec, **arguments: Any) -> Any:
    outcome = await run(spec, **arguments)
    assert outcome.ok, outcome
    return outcome.data["result"]


async def test_the_agent_is_told_the_status_and_the_json(server: HttpsServer) -> None:
    spec = spec_of(
        f"{server.origin}/orders/{{order}}?lang={{lang}}", parameter("order"), parameter("lang")
    )
    outcome = await run(spec, order="FT 2026/113", lang="pt&x=1")
    assert outcome.ok and outcome.data["status"] == 200
    seen: Any = outcome.data["result"]
    assert seen["method"] == "GET"
    assert seen["path"] == "/orders/FT%202026%2F113?lang=pt%26x%3D1"


async def test_the_body_is_json_with_the_values_in_their_types(server: HttpsServer) -> None:
    note = '"note": "From {who}: {id}", "none": "{late}", "n": [1]'
    body = f'{{"id": "{{id}}", "urgent": "{{urgent}}", {note}}}'
    spec = spec_of(
        f"{server.origin}/orders",
        parameter("id", "integer"),
        parameter("urgent", "boolean"),
        parameter("who"),
        parameter("late", "number", required=False),
        method="POST",
        body=body,
    )
    seen = await result_of(spec, id=7, urgent=True, who='Ann "}, {')
    assert json.loads(seen["body"]) == {
        "id": 7,
        "urgent": True,
        "note": 'From Ann "}, {: 7',
        "none": None,
        "n": [1],
    }
    assert seen["headers"]["Content-Type"] == "application/json"


async def test_a_query_value_that_is_not_given_is_left_out(server: HttpsServer) -> None:
    spec = spec_of(
        f"{server.origin}/find?q={{q}}&page={{page}}&all=1",
        parameter("q", required=False),
        parameter("page", "integer", required=False),
    )
    assert (await result_of(spec, page=2))["path"] == "/find?page=2&all=1"


async def test_a_change_carries_the_key_of_the_request(server: HttpsServer) -> None:
    idempotency_key.set("abc")
    reads = await result_of(spec_of(f"{server.origin}/echo"))
    writes = await result_of(
        spec_of(f"{server.origin}/echo", method="POST", changes_something=True)
    )
    assert "Idempotency-Key" not in reads["headers"]
    assert writes["headers"]["Idempotency-Key"] == "abc"


async def test_a_change_is_carried_out_once_in_a_call(server: HttpsServer) -> None:
    assert spec_of(server.origin).may_repeat
    spec = spec_of(server.origin, method="POST", changes_something=True)
    assert spec.changes_something and not spec.may_repeat


async def test_secrets_are_sent_and_taken_out_of_what_comes_back(server: HttpsServer) -> None:
    headers = "Authorization: Bearer {TOOL_SECRET_CRM}\nX-Shop: Birch"
    spec = spec_of(f"{server.origin}/echo", headers=headers)
    seen = await result_of(spec)
    assert seen["headers"]["Authorization"] == "Bearer •••"
    assert seen["headers"]["X-Shop"] == "Birch"
    assert SECRET not in repr(seen) and SECRET not in repr(spec)


@pytest.mark.parametrize("status", [400, 404, 422, 500, 503])
async def test_an_error_is_told_with_its_status_and_a_sentence(
    server: HttpsServer, status: int
) -> None:
    outcome = await run(spec_of(f"{server.origin}/status/{status}"))
    assert not outcome.ok
    assert outcome.data == {"status": status, "result": {"detail": "no such order"}}
    assert outcome.say


async def test_a_redirect_is_not_followed(server: HttpsServer) -> None:
    before = (await result_of(spec_of(f"{server.origin}/echo")))["requests"]
    outcome = await run(spec_of(f"{server.origin}/redirect"))
    assert not outcome.ok and outcome.data["status"] == 302
    after = (await result_of(spec_of(f"{server.origin}/echo")))["requests"]
    assert after == before + 2


@pytest.mark.parametrize(
    ("page", "told"),
    [("text", "Olá"), ("size/10", "x" * 10), ("half_a_character", {"said": "?"})],
)
async def test_what_is_not_json_is_told_as_text(server: HttpsServer, page: str, told: Any) -> None:
    assert await result_of(spec_of(f"{server.origin}/{page}")) == told


async def test_json_nested_without_end_is_told_as_text(server: HttpsServer) -> None:
    assert str(await result_of(spec_of(f"{server.origin}/deep"))).startswith("[[[[")


@pytest.mark.parametrize("page", ["endless", "bomb", "size/65537", "halved", "brotli", "drop"])
async def test_an_answer_that_cannot_be_read_is_a_kind_sentence(
    server: HttpsServer, page: str
) -> None:
    with pytest.raises(ToolError) as failed:
        await run(spec_of(f"{server.origin}/{page}"))
    assert failed.value.spoken_message == "The service for that cannot be reached just now."


@pytest.mark.parametrize("page", ["slow", "trickle"])
async def test_it_is_given_up_in_time_even_if_something_always_comes(
    server: HttpsServer, page: str
) -> None:
    started = time.monotonic()
    with pytest.raises(HttpCallFailed) as failed:
        await run(spec_of(f"{server.origin}/{page}", timeout_seconds=0.5))
    assert 0.4 < time.monotonic() - started < 2.0
    assert "0.5 seconds" in failed.value.for_staff


async def test_nobody_can_make_it_wait_longer_than_five_seconds() -> None:
    spec = spec_of("https://example.org/", timeout_seconds=60.0)
    assert spec.timeout_seconds == 5.0


async def test_a_server_that_is_gone_costs_a_sentence_and_works_when_it_is_back(
    server: HttpsServer,
) -> None:
    spec = spec_of(f"{server.origin}/echo")
    await result_of(spec)
    server.kill()
    try:
        with translation.override("en"), pytest.raises(HttpCallFailed) as failed:
            await run(spec)
        assert "cannot be reached just now" in failed.value.spoken_message
        assert "nothing listens there" in failed.value.for_staff
    finally:
        server.start()
    await result_of(spec)


async def test_a_private_address_is_refused_when_the_request_is_made(settings: Any) -> None:
    with pytest.raises(HttpCallFailed) as failed:
        await run(spec_of("https://127.0.0.1:9/"))
    assert "not on the public internet" in failed.value.for_staff


async def test_a_certificate_of_nobody_known_is_said_to_staff(
    server: HttpsServer, settings: Any
) -> None:
    settings.TOOL_CA_FILE = ""
    with pytest.raises(HttpCallFailed) as failed:
        await run(spec_of(f"{server.origin}/echo"))
    assert "certificate" in failed.value.for_staff


async def test_a_secret_stands_in_no_log_and_no_traceback(
    server: HttpsServer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    spec = spec_of(f"{server.origin}/drop", headers="Authorization: {TOOL_SECRET_CRM}")
    traces = []
    for secret in (SECRET, "two\r\nlines-of-it"):
        settings.TOOL_SECRETS = {"TOOL_SECRET_CRM": secret}
        with pytest.raises(HttpCallFailed) as failed:
            await run(spec)
        traces.append("".join(traceback.format_exception(failed.value)))
        assert failed.value.__cause__ is None and failed.value.__suppress_context__
    for written in (caplog.text, *traces):
        assert SECRET not in written and "lines-of-it" not in written


async def test_a_secret_that_was_unset_meanwhile_refuses_the_run(
    server: HttpsServer, settings: Any
) -> None:
    spec = spec_of(f"{server.origin}/echo", headers="Authorization: {TOOL_SECRET_CRM}")
    settings.TOOL_SECRETS = {}
    with pytest.raises(HttpCallFailed) as failed:
        await run(spec)
    assert "TOOL_SECRET_CRM is not set" in failed.value.for_staff


async def test_what_the_model_reads_of_a_long_answer_is_bounded(server: HttpsServer) -> None:
    short = result_of_outcome(await run(spec_of(f"{server.origin}/gzip")))
    assert short.for_the_model() == {"ok": True, "status": 200, "result": {"packed": True}}
    long = result_of_outcome(await run(spec_of(f"{server.origin}/size/60000")))
    assert long.ok and len(json.dumps(long.for_the_model())) < 8_000


async def test_a_missing_file_of_authorities_costs_a_sentence(
    server: HttpsServer, settings: Any
) -> None:
    settings.TOOL_CA_FILE = "/no/such/file.pem"
    row = http_tool(f"{server.origin}/echo", pk=1)
    (spec,) = http_tool_specs([row], [])
    with pytest.raises(HttpCallFailed):
        await run(spec)


async def test_a_parameter_may_have_any_name(server: HttpsServer) -> None:
    names = ("self", "context", "values")
    spec = spec_of(
        f"{server.origin}/echo?a={{self}}&b={{context}}&c={{values}}",
        *(parameter(name) for name in names),
    )
    seen = await result_of(spec, **dict.fromkeys(names, "x"))
    assert seen["path"] == "/echo?a=x&b=x&c=x"
