"""catalog/document_changes.py: what changed between two documents, in words."""

from datetime import time

from catalog.document import CatalogDocument
from catalog.document_changes import FieldChange, Happened, PublishedVersions, RowChange, changes
from catalog.models import Agent, Clip, OpeningHours, PhoneNumber, Prompt, Tool

VERSIONS = PublishedVersions({1: "Version 1: “Hello.”", 2: "Version 2: “Bye.”"}, {5: "Version 1"})


def document(
    clips: tuple[Clip, ...] = (),
    prompts: tuple[Prompt, ...] = (),
    agents: tuple[Agent, ...] = (),
    numbers: tuple[PhoneNumber, ...] = (),
    hours: tuple[OpeningHours, ...] = (),
    tools: tuple[Tool, ...] = (),
) -> CatalogDocument:
    return CatalogDocument(clips, prompts, agents, numbers, hours, tools)


def agent(**fields: object) -> Agent:
    return Agent(**{"pk": 1, "name": "Vera", "business_name": "Birch", "prompt_id": 3, **fields})


def only(before: CatalogDocument, after: CatalogDocument) -> RowChange:
    (change,) = changes(before, after, VERSIONS)
    return change


def only_field(before: CatalogDocument, after: CatalogDocument) -> FieldChange:
    (field,) = only(before, after).fields
    return field


def test_nothing_changed_is_nothing() -> None:
    assert changes(document(agents=(agent(),)), document(agents=(agent(),)), VERSIONS) == ()


def test_a_row_of_one_side_alone_was_added_or_removed() -> None:
    one, none = document(tools=(Tool(pk=1, name="clock"),)), document()
    assert only(none, one) == RowChange(Happened.ADDED, "Tool", "clock", ())
    assert only(one, none) == RowChange(Happened.REMOVED, "Tool", "clock", ())


def test_a_field_is_named_and_told_before_and_after() -> None:
    after = document(agents=(agent(business_name="Bétula"),))
    change = only(document(agents=(agent(),)), after)
    assert (change.happened, change.kind, change.name) == (Happened.CHANGED, "Agent", "Vera")
    assert change.fields == (FieldChange("Business name", "Birch", "Bétula"),)


def test_a_renamed_row_goes_by_its_new_name() -> None:
    change = only(document(agents=(agent(),)), document(agents=(agent(name="Rosa"),)))
    assert change.name == "Rosa"
    assert change.fields == (FieldChange("Name", "Vera", "Rosa"),)


def test_yes_and_no_are_words() -> None:
    field = only_field(document(agents=(agent(),)), document(agents=(agent(record_calls=True),)))
    assert field == FieldChange("Record calls", "no", "yes")


def test_a_choice_is_told_as_staff_chose_it() -> None:
    before, after = (Tool(pk=1, name="clock", stage=stage) for stage in ("critical", "full"))
    field = only_field(document(tools=(before,)), document(tools=(after,)))
    assert field.label == "Stage"
    assert field.before == before.get_stage_display()
    assert field.after == after.get_stage_display()


def test_another_row_is_told_by_its_name_of_that_time() -> None:
    clips = (Clip(pk=7, name="Old"), Clip(pk=8, name="New"))
    field = only_field(
        document(clips=clips, agents=(agent(greeting_clip_id=7),)),
        document(clips=clips, agents=(agent(greeting_clip_id=8),)),
    )
    assert field == FieldChange("Greeting clip", "Old", "New")


def test_no_clip_is_empty() -> None:
    clips = (Clip(pk=7, name="Old"),)
    field = only_field(
        document(clips=clips, agents=(agent(greeting_clip_id=7),)),
        document(clips=clips, agents=(agent(),)),
    )
    assert field.after == ""


def test_another_recording_is_told_by_its_version_and_words() -> None:
    field = only_field(
        document(clips=(Clip(pk=7, name="Hi", published_id=1),)),
        document(clips=(Clip(pk=7, name="Hi", published_id=2),)),
    )
    assert field == FieldChange("Published recording", "Version 1: “Hello.”", "Version 2: “Bye.”")


def test_a_version_that_is_gone_is_said_to_be() -> None:
    field = only_field(
        document(prompts=(Prompt(pk=7, name="Hi", published_id=5),)),
        document(prompts=(Prompt(pk=7, name="Hi", published_id=6),)),
    )
    assert (field.before, field.after) == ("Version 1", "a version that is gone")


def test_numbers_and_hours_are_told_with_their_agent() -> None:
    numbers = (PhoneNumber(pk=1, number="+351210000000", agent_id=1),)
    hours = (OpeningHours(pk=1, agent_id=1, weekday=0, opens=time(9), closes=time(18)),)
    before = document(agents=(agent(),))
    after = document(agents=(agent(),), numbers=numbers, hours=hours)
    assert [change.name for change in changes(before, after, VERSIONS)] == [
        "+351210000000 (Vera)",
        "Monday 09:00–18:00 (Vera)",
    ]
