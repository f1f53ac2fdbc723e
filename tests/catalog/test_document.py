"""catalog/document.py: the catalog in one document, and back."""

import json
from datetime import time

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.document import KEPT, DocumentUnreadable, parse, read_tables
from catalog.models import Agent, Clip, PhoneNumber, Prompt
from tests.catalog.factories import make_agent, make_clip, make_prompt, make_version

pytestmark = pytest.mark.django_db


def test_it_gives_back_every_row_as_it_was() -> None:
    vera = make_agent("Vera", greeting_clip=make_clip())
    PhoneNumber.objects.create(number="+351200000011", agent=vera, label="Lisbon")
    vera.hours.create(weekday=6, opens=time(9), closes=time(0))
    document = parse(read_tables())
    for model, rows in document.rows():
        kept = model._default_manager.order_by("pk")
        assert list(rows) == list(kept)
        for row, now in zip(rows, kept, strict=True):
            # Of "created_at" the milliseconds are kept, and nothing restores it.
            for field in model._meta.concrete_fields:
                if field.name == "created_at":
                    continue
                assert field.value_to_string(row) == field.value_to_string(now)


def test_it_survives_being_stored() -> None:
    make_agent("Vera", business_name="Clínica “Bétula” 🌿", greeting_clip=make_clip())
    document = read_tables()
    assert json.loads(json.dumps(document)) == document


def test_it_is_the_same_document_each_time() -> None:
    make_agent("Vera", greeting_clip=make_clip())
    assert read_tables() == read_tables()


def test_it_names_what_others_point_to_before_them() -> None:
    make_agent("Vera", greeting_clip=make_clip())
    models = [row["model"] for row in read_tables()]
    order = [model._meta.label_lower for model in KEPT]
    assert [order.index(model) for model in models] == sorted(map(order.index, models))


def test_it_holds_nothing_that_is_not_published() -> None:
    draft = Prompt.objects.create(name="Draft")
    make_version(draft, "Be brief.")
    Clip.objects.create(name="Draft")
    document = parse(read_tables())
    assert "Draft" not in {row.name for row in (*document.clips, *document.prompts)}


def test_it_holds_no_audio_and_no_text_of_a_prompt() -> None:
    make_agent(prompt=make_prompt(text="Be very brief."), greeting_clip=make_clip(text="Hi there."))
    written = json.dumps(read_tables())
    assert "Be very brief" not in written and "Hi there" not in written
    assert "mulaw" not in written


def test_it_is_read_in_as_many_queries_for_many_rows_as_for_few(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        make_agent(f"Agent {number}", greeting_clip=make_clip(f"Clip {number}"))
    with django_assert_num_queries(len(KEPT)):
        read_tables()


def test_a_row_of_an_older_version_gets_the_defaults_of_today() -> None:
    document = read_tables()
    for row in document:
        for name in ("out_of_hours", "max_call_seconds", "record_calls"):
            row["fields"].pop(name, None)
    (agent,) = parse(document).agents
    assert (agent.out_of_hours, agent.max_call_seconds, agent.record_calls) == (
        "converse",
        1800,
        False,
    )


def test_a_field_that_is_no_more_is_passed_over() -> None:
    document = read_tables()
    for row in document:
        row["fields"]["colour"] = "green"
    assert parse(document).agents == (Agent.objects.get(),)


@pytest.mark.parametrize("document", [None, {}, "", 3, True, [None], [["model"]], [{"pk": 1}]])
def test_it_refuses_what_is_no_document(document: object) -> None:
    with pytest.raises(DocumentUnreadable, match="damaged"):
        parse(document)
