"""catalog/publishing.py: what becomes a revision, and what must not reach callers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from catalog.authorship import AuthorshipMiddleware
from catalog.document import read_tables
from catalog.models import Agent, CatalogRevision, Clip, Prompt, Tool
from catalog.publishing import CannotPublish, publish, publish_prompt_version, publish_recording
from catalog.snapshot_loading import load_snapshot, newest_revision
from tests.catalog.factories import (
    make_agent,
    make_clip,
    make_prompt,
    make_recording,
    make_version,
    newest_document,
)

committed = pytest.mark.django_db(transaction=True)


def causes_since(revision: int) -> list[str]:
    made = CatalogRevision.objects.filter(pk__gt=revision).order_by("pk")
    return list(made.values_list("cause", flat=True))


@committed
def test_one_transaction_makes_one_revision_however_many_rows_it_changes() -> None:
    publish("Before")
    before = newest_revision()
    with transaction.atomic():
        for number in range(5):
            make_agent(f"Agent {number}", greeting_clip=make_clip(f"Clip {number}"))
        Tool.objects.create(name="send_fax")
    assert causes_since(before) == ["Clip “Clip 0” saved"]
    assert newest_document() == read_tables()


@committed
def test_an_edit_that_the_database_takes_back_makes_no_revision() -> None:
    publish("Before")
    before = newest_revision()
    with pytest.raises(RuntimeError), transaction.atomic():
        make_agent("Vera")
        raise RuntimeError
    assert causes_since(before) == []


@committed
def test_saving_what_did_not_change_makes_no_revision() -> None:
    vera = make_agent("Vera")
    before = newest_revision()
    vera.save()
    vera.prompt.save()
    assert publish("Nothing") is None
    assert causes_since(before) == []


@committed
def test_a_draft_makes_no_revision() -> None:
    clip, prompt = make_clip(), make_prompt()
    before = newest_revision()
    make_recording(clip, text="Another.")
    make_version(prompt, "Another.")
    make_recording(Clip.objects.create(name="Not published"))
    make_version(Prompt.objects.create(name="Not published"), "Another.")
    assert causes_since(before) == []


@committed
def test_publishing_a_draft_makes_one() -> None:
    clip, prompt = make_clip("Welcome"), make_prompt("Sales")
    recording, version = make_recording(clip), make_version(prompt, "Another.")
    before = newest_revision()
    publish_recording(recording)
    publish_prompt_version(version)
    assert causes_since(before) == ["Clip “Welcome” saved", "Prompt “Sales” saved"]
    assert newest_document() == read_tables()


@committed
@pytest.mark.parametrize("login_name", ["alice", ""])
def test_a_revision_knows_whose_doing_it_is_and_why(login_name: str) -> None:
    publish("Before")
    before = newest_revision()
    request = RequestFactory().post("/")
    request.user = User.objects.create_user(login_name) if login_name else AnonymousUser()

    def view(_: HttpRequest) -> HttpResponse:
        make_agent("Vera")
        return HttpResponse()

    AuthorshipMiddleware(view)(request)
    revision = CatalogRevision.objects.latest()
    assert revision.pk > before
    assert (revision.cause, revision.author_name) == ("Agent “Vera” saved", login_name)
    make_agent("Otto")
    assert CatalogRevision.objects.latest().author_name == "", "that request is over"


@committed
def test_a_cause_as_long_as_a_novel_is_cut() -> None:
    make_agent("Vera")
    Agent.objects.update(business_name="Changed")
    revision = publish("x" * 1_000)
    assert revision is not None and revision.cause == "x" * 200


@committed
def test_of_many_who_publish_at_once_nobody_loses_an_edit() -> None:
    agents = [make_agent(f"Agent {number}") for number in range(8)]
    before = newest_revision()
    together = threading.Barrier(len(agents))

    def edit(agent: Agent) -> None:
        try:
            together.wait(10.0)
            for round_number in range(5):
                agent.business_name = f"{agent.name}, round {round_number}"
                agent.save()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(agents)) as people:
        list(people.map(edit, agents))
    assert newest_document() == read_tables()
    served = load_snapshot(newest_revision()).agents
    assert {served[agent.pk].business_name for agent in agents} == {
        f"Agent {number}, round 4" for number in range(8)
    }
    # Nobody's edit is undone on the way either: what an agent says only ever moves on.
    rounds: dict[str, int] = {}
    for revision in CatalogRevision.objects.filter(pk__gt=before).order_by("pk"):
        for spec in load_snapshot(revision.pk).agents.values():
            reached = int(spec.business_name[-1]) if "round" in spec.business_name else -1
            assert reached >= rounds.get(spec.name, -1), f"{spec.name} in {revision}"
            rounds[spec.name] = reached


@committed
def test_publishing_does_not_undo_a_new_name() -> None:
    clip = make_clip("Welcome")
    draft = make_recording(clip)
    Clip.objects.filter(pk=clip.pk).update(name="Summer welcome")
    publish_recording(draft)
    clip.refresh_from_db()
    assert (clip.name, clip.published) == ("Summer welcome", draft)


@pytest.mark.django_db
def test_it_notes_when_a_version_was_first_published() -> None:
    clip = make_clip()
    first = clip.published
    assert first is not None
    first.refresh_from_db()
    when = first.published_at
    second = make_recording(clip)
    assert when is not None and second.published_at is None
    publish_recording(second)
    publish_recording(first)
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.published_at == when and second.published_at is not None
    assert Clip.objects.get(pk=clip.pk).published == first


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"text": " \n"}, "Write down what is said"),
        ({"mulaw": b""}, "has no recording"),
        ({"words": [{"word": "Hello"}]}, "word times .* damaged"),
    ],
)
def test_it_refuses_a_recording_that_calls_could_not_use(
    fields: dict[str, object], why: str
) -> None:
    clip = make_clip()
    with pytest.raises(CannotPublish, match=why):
        publish_recording(make_recording(clip, **fields))
    assert Clip.objects.get(pk=clip.pk).published == clip.published


@pytest.mark.django_db
def test_it_refuses_a_prompt_with_an_unknown_variable_and_names_those_there_are() -> None:
    prompt = make_prompt("Sales")
    with pytest.raises(CannotPublish, match=r"Unknown: \{custmer\}\..*\{customer_name\}"):
        publish_prompt_version(make_version(prompt, "Say hello to {custmer}."))
    assert Prompt.objects.get(pk=prompt.pk).published == prompt.published
