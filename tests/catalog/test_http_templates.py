"""Addresses and bodies with places in them: whatever fills these, the request stays what it was."""

import json
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import HttpTool
from catalog.tools.http import HttpToolUnusable, http_tool_spec, http_tool_specs
from catalog.tools.http_bodies import body_template
from catalog.tools.http_urls import url_template
from catalog.tools.http_values import TemplateUnusable, ValueUnusable
from tests.catalog.http_tools import http_tool, parameter, spec_of

URL = "https://api.example.org:8443/v1/orders/{order}/lines-{line}?q={q}&all=1&r=a{q}"
BODY = '{"order": "{order}", "text": "{q} and {line}", "list": ["{q}"], "fixed": {"x": 1.5}}'

texts = st.one_of(
    st.text(max_size=60),
    st.text(st.sampled_from("./\\%2eEfF?#&=@:;{}\"'<>[] \r\n\t\0é\u2028\ud800"), max_size=30),
    st.sampled_from(["..", "../../admin", "%2e%2e", "..\\..", "a/../b", "{q}", "@evil.example"]),
)
values = st.one_of(
    texts, st.integers(), st.floats(), st.booleans(), st.none(), st.just(float("nan"))
)


@given(st.fixed_dictionaries({"order": texts, "line": values, "q": values}))
def test_no_value_changes_the_host_the_depth_of_the_path_or_the_names_of_the_query(
    filled: dict[str, Any],
) -> None:
    try:
        written = url_template(URL).filled(filled)
    except ValueUnusable:
        return
    url = httpx2.URL(written)
    assert (url.scheme, url.host, url.port, url.userinfo) == ("https", "api.example.org", 8443, b"")
    path, _, query = url.raw_path.decode("ascii").partition("?")
    segments = path.split("/")
    assert segments[:3] == ["", "v1", "orders"] and len(segments) == 5
    assert segments[4].startswith("lines-")
    assert not {".", ".."} & set(unquote(path).replace("\\", "/").split("/"))
    names = [name for name, _value in parse_qsl(query, keep_blank_values=True)]
    assert names == (["all"] if filled["q"] is None else ["q", "all", "r"])
    assert not url.fragment


@given(st.fixed_dictionaries({"order": values, "line": values, "q": values}))
def test_no_value_changes_the_keys_of_the_body(filled: dict[str, Any]) -> None:
    template = body_template(BODY)
    assert template is not None
    try:
        written = template.filled(filled)
    except ValueUnusable:
        return

    def strict(number: str) -> None:
        raise AssertionError(f"{number} is no JSON")

    body = json.loads(written, parse_constant=strict)
    assert list(body) == ["order", "text", "list", "fixed"]
    assert body["fixed"] == {"x": 1.5} and len(body["list"]) == 1
    assert isinstance(body["text"], str)
    if isinstance(filled["order"], str):
        assert body["order"] == filled["order"]


@pytest.mark.parametrize(
    "value", ["..", ".", "", "../x", "a/..", "a\\..\\b", "..;/x", "a\nb", "\0"]
)
def test_a_value_that_could_lead_elsewhere_is_refused(value: str) -> None:
    with pytest.raises(ValueUnusable, match="order"):
        url_template("https://example.org/orders/{order}").filled({"order": value})


@pytest.mark.parametrize("number", [float("inf"), float("nan"), 10**16])
def test_a_number_that_is_none_in_json_is_refused(number: float) -> None:
    with pytest.raises(ValueUnusable, match="id"):
        url_template("https://example.org/{id}").filled({"id": number})
    template = body_template('{"a": "{id}"}')
    assert template is not None
    with pytest.raises(ValueUnusable, match="id"):
        template.filled({"id": number})


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("http://example.org/", "https"),
        ("example.org/orders", "https"),
        ("ftp://example.org/", "https"),
        ("", "address"),
        ("https://", "no host"),
        ("https://[/", "no address"),
        ("https://example.org:port/", "no address"),
        ("https://{host}/", "in the host"),
        ("https://{a}.example.org/", "in the host"),
        ("https://example.org:{port}/", "address|host"),
        ("https://me:secret@example.org/", "login"),
        ("https://example.org/a b", "spaces"),
        ("https://example.org/\n", "spaces"),
        ("https://example.org/#part", "#"),
        ("https://example.org/a/../b", r"\.\."),
        ("https://example.org/%2e%2E/b", r"\.\."),
        ("https://example.org/{Order}", "braces"),
        ("https://example.org/{a", "braces"),
        ("https://example.org/?q={}", "braces"),
        ("https://example.org/?{name}=1", "as values"),
        ("https://example.org/?{all}", "as values"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_a_sentence(written: str, why: str) -> None:
    with pytest.raises(TemplateUnusable, match=why):
        url_template(written)


@pytest.mark.parametrize(
    "written",
    [
        '{"id": {id}}',
        "no json",
        '{"a": 1',
        '{"a": NaN}',
        "[" * 100_000,
        '{"{key}": 1}',
        '{"a": 1e999}',
    ],
)
def test_a_body_that_cannot_be_used_is_refused_with_a_sentence(written: str) -> None:
    with pytest.raises(TemplateUnusable, match="body"):
        body_template(written)


def test_braces_that_name_nothing_stay_in_the_body() -> None:
    template = body_template('{"regex": "a{2}", "css": "{ x }"}')
    assert template is not None and template.names == ()
    assert json.loads(template.filled({})) == {"regex": "a{2}", "css": "{ x }"}


@pytest.mark.parametrize(
    ("fields", "parameters", "why"),
    [
        ({"url": "https://example.org/{a}"}, (), "add a parameter"),
        ({"url": "https://example.org/{a}"}, (parameter("a", required=False),), "required"),
        ({"url": "https://example.org/"}, (parameter("a"),), "sent nowhere"),
        ({"url": "https://example.org/", "body": "{}"}, (), "no body"),
        ({"url": "https://example.org/", "headers": "nonsense"}, (), "Name: value"),
        ({"url": "https://example.org/", "method": "BREW"}, (), "BREW"),
        ({"url": "https://example.org/", "name": "end_call"}, (), "Another tool"),
        ({"url": "https://example.org/", "name": "get_customer_by_phone"}, (), "Another tool"),
        ({"url": "https://example.org/", "name": "Ä"}, (), "Another tool"),
        ({"url": "https://example.org/{a}"}, (parameter("a", "colour"),), "colour"),
        (
            {"url": "https://example.org/?" + "&".join(f"p{n}={{p{n}}}" for n in range(13))},
            tuple(parameter(f"p{n}") for n in range(13)),
            "12",
        ),
    ],
)
def test_a_row_that_cannot_be_used_says_why(
    fields: dict[str, Any], parameters: tuple[Any, ...], why: str
) -> None:
    with pytest.raises(HttpToolUnusable, match=why):
        http_tool_spec(http_tool(**fields), parameters)


def test_a_row_that_cannot_be_used_costs_only_itself() -> None:
    rows = [
        HttpTool(pk=1, name="broken", url="nonsense"),
        HttpTool(pk=2, name="works", url="https://example.org/{id}", description="It\n works."),
    ]
    (spec,) = http_tool_specs(rows, [parameter("id", tool_id=2)])
    assert (spec.name, spec.description) == ("works", "It works.")


def test_the_model_is_told_of_each_parameter() -> None:
    spec = spec_of(
        "https://example.org/{id}?q={q}&n={n}",
        parameter("id", description="The number on the receipt."),
        parameter("q", required=False),
        parameter("n", "integer", required=False),
    )
    assert spec.parameters == {
        "type": "object",
        "properties": {
            "id": {
                "type": "string",
                "description": "The number on the receipt.",
                "maxLength": 500,
                "minLength": 1,
            },
            "q": {"type": "string", "maxLength": 500},
            "n": {"type": "integer"},
        },
        "required": ["id"],
        "additionalProperties": False,
    }


def test_the_same_row_makes_the_same_tool() -> None:
    made = [spec_of("https://example.org/{id}", parameter("id")) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0] != spec_of("https://example.com/{id}", parameter("id"))
