"""catalog/prompt_variables.py: what is filled in, what stays as it was typed, what is unknown."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.prompt_variables import (
    VARIABLES,
    fill,
    unknown_variables,
    unknown_variables_sentence,
)


@pytest.mark.parametrize("name", VARIABLES)
def test_it_fills_in_each_variable(name: str) -> None:
    assert fill(f"<{{{name}}}>", {name: "Vera"}) == "<Vera>"
    assert unknown_variables(f"<{{{name}}}>") == []


@pytest.mark.parametrize(
    "text",
    ["{", "}", "{}", "{ today }", "{to day}", '{"json": {"a": [1]}}', "{{}", "%s %(today)s", "${"],
)
def test_it_leaves_every_other_brace_as_it_was_typed(text: str) -> None:
    assert fill(text, {"today": "Monday"}) == text
    assert unknown_variables(text) == []


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{today}}", "{today}"),
        ("{{anything}}", "{anything}"),
        ("{{{today}}}", "{{today}}"),
        ("{{today}", "{Monday"),
        ("{today}}", "Monday}"),
    ],
)
def test_double_braces_are_single_ones_that_nothing_is_filled_into(text: str, filled: str) -> None:
    assert fill(text, {"today": "Monday"}) == filled
    assert unknown_variables(text) == []


def test_it_names_what_it_does_not_know_once_and_in_order() -> None:
    assert unknown_variables("{zeta} {today} {alpha} {zeta} {0} {{beta}}") == ["zeta", "alpha", "0"]


def test_its_sentence_names_what_is_unknown_and_all_that_is_known() -> None:
    sentence = unknown_variables_sentence(["zeta", "0"])
    assert sentence.startswith("Unknown: {zeta}, {0}. ")
    assert all(f"{{{name}}}" in sentence for name in VARIABLES)


def test_a_value_is_not_looked_into() -> None:
    values = {"customer_name": "{today}{{today}}", "today": "{customer_name}"}
    assert fill("{customer_name} {today}", values) == "{today}{{today}} {customer_name}"


def test_a_variable_without_a_value_stays() -> None:
    assert fill("{today} {agent_name}", {"agent_name": "Vera"}) == "{today} Vera"


@given(st.text(alphabet="{}ab_ \n", max_size=40))
def test_any_text_without_names_in_braces_is_told_as_it_stands(text: str) -> None:
    if not re.search(r"\{\w+\}", text):
        assert fill(text, dict.fromkeys(("a", "b", "ab"), "x")) == text
        assert unknown_variables(text) == []
