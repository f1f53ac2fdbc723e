"""A revision that calls could not be served from: the last good one stays, and says why."""

from collections.abc import Callable

import pytest

from catalog import warmup
from catalog.models import Agent, CatalogRevision, Clip, Prompt, PromptVersion, Recording
from catalog.publishing import publish
from catalog.snapshot_loading import SnapshotInvalid, load_snapshot, newest_revision
from tests.catalog.factories import make_agent, make_clip, make_prompt

pytestmark = pytest.mark.django_db


def empty_its_audio() -> None:
    Recording.objects.filter(clip__name="Welcome").update(mulaw=b"")


def damage_its_words() -> None:
    Recording.objects.filter(clip__name="Welcome").update(words=[{"word": "Hello"}])


def withdraw_its_recording() -> None:
    Clip.objects.filter(name="Welcome").update(published=None)


def write_an_unknown_variable() -> None:
    PromptVersion.objects.filter(prompt__name="Sales").update(text="Say hello to {custmer}.")


def withdraw_its_prompt() -> None:
    Prompt.objects.filter(name="Sales").update(published=None)


def move_it_to_mars() -> None:
    Agent.objects.filter(name="Vera").update(time_zone="Mars/Olympus")


def move_it_to_a_continent() -> None:
    Agent.objects.filter(name="Vera").update(time_zone="Europe")


def invent_a_stage() -> None:
    Agent.objects.filter(name="Vera").update(tools_later="everything")


FAULTS: tuple[tuple[Callable[[], None], str], ...] = (
    (empty_its_audio, "The clip “Welcome” has no recording."),
    (damage_its_words, "The word times of the clip “Welcome” are damaged."),
    (withdraw_its_recording, "A clip of Vera has no published recording."),
    (write_an_unknown_variable, "The prompt “Sales” cannot be used. Unknown: {custmer}."),
    (withdraw_its_prompt, "The prompt of Vera has no published version."),
    (move_it_to_mars, "A setting of Vera cannot be used: "),
    (move_it_to_a_continent, "A setting of Vera cannot be used: "),
    (invent_a_stage, "A setting of Vera cannot be used: "),
)


@pytest.fixture(autouse=True)
def good(monkeypatch: pytest.MonkeyPatch) -> int:
    """A revision that calls are served from, of a catalog in which Vera has a clip and a prompt."""
    monkeypatch.setattr(warmup, "_unusable", None)
    make_agent("Vera", greeting_clip=make_clip("Welcome"), prompt=make_prompt("Sales"))
    publish("Good")
    return newest_revision()


def spoil(fault: Callable[[], None]) -> int:
    """The number of a newest revision that has this fault."""
    fault()
    # Recordings and versions are not in the document: something that is has to change as well.
    Agent.objects.filter(is_default=True).update(business_name="Changed")
    publish("Spoilt")
    return newest_revision()


def keep_what_is_no_catalog(document: object) -> int:
    return CatalogRevision.objects.create(document=document, cause="Damaged").pk


def refreshed() -> bool:
    """As if the time after which a bad revision is tried again were over."""
    warmup._retry_at = 0.0
    return warmup.refresh_if_stale()


@pytest.mark.parametrize(("fault", "why"), FAULTS, ids=lambda case: getattr(case, "__name__", ""))
def test_the_last_good_one_stays_and_it_says_why(fault: Callable[[], None], why: str) -> None:
    served = warmup.warm()
    assert spoil(fault) > served.revision
    assert warmup.refresh_if_stale() is False
    assert warmup.current() is served
    assert (warmup.problem() or "").startswith(why)


@pytest.mark.parametrize(
    "document",
    [
        {},
        "",
        17,
        "not a catalog",
        [1, 2],
        [{}],
        [{"model": "catalog.agent"}],
        [{"model": "auth.user", "pk": 1, "fields": {}}],
        [{"model": "catalog.agent", "pk": "Vera", "fields": {}}],
        [{"model": "catalog.agent", "pk": 1, "fields": {"max_call_seconds": "long"}}],
        [{"model": "catalog.agent", "pk": 1, "fields": {"name": "Nobody's"}}],
    ],
    ids=repr,
)
def test_a_damaged_document_is_refused_in_a_sentence(document: object) -> None:
    served = warmup.warm()
    revision = keep_what_is_no_catalog(document)
    with pytest.raises(SnapshotInvalid):
        load_snapshot(revision)
    assert warmup.refresh_if_stale() is False
    assert warmup.current() is served
    problem = warmup.problem() or ""
    assert problem.endswith(".") and "Error" not in problem


def test_a_process_that_starts_then_serves_the_newest_good_one(good: int) -> None:
    spoil(move_it_to_mars)
    keep_what_is_no_catalog("nothing")
    with pytest.raises(SnapshotInvalid):
        warmup.warm()
    assert warmup.current().revision == good
    assert refreshed() is False
    assert warmup.problem() == "The record of this revision is damaged."
    assert warmup.current().revision == good


def test_a_process_that_missed_a_good_one_before_the_bad_one_takes_it(good: int) -> None:
    assert warmup.warm().revision == good
    Agent.objects.filter(is_default=True).update(business_name="Edited")
    publish("Good as well")
    missed = newest_revision()
    keep_what_is_no_catalog("nothing")
    assert warmup.refresh_if_stale() is False
    assert warmup.current().revision == missed
    assert warmup.problem() is not None


def test_a_process_that_finds_nothing_good_is_not_ready() -> None:
    CatalogRevision.objects.all().delete()
    keep_what_is_no_catalog("nothing")
    assert warmup.refresh_if_stale() is False
    assert not warmup.is_warm()
    assert warmup.problem()


def test_a_database_without_revisions_says_what_to_do() -> None:
    CatalogRevision.objects.all().delete()
    assert warmup.refresh_if_stale() is False
    assert warmup.problem() == "Nothing is published yet: run manage.py migrate."


def test_it_recovers_when_what_was_broken_is_mended() -> None:
    warmup.warm()
    spoilt = spoil(empty_its_audio)
    assert warmup.refresh_if_stale() is False
    Recording.objects.filter(clip__name="Welcome").update(mulaw=b"\x12" * 4_000)
    assert refreshed() is True
    assert warmup.current().revision == spoilt
    assert warmup.problem() is None


def test_it_takes_a_newer_good_one_at_once() -> None:
    warmup.warm()
    spoil(move_it_to_mars)
    assert warmup.refresh_if_stale() is False
    Agent.objects.filter(name="Vera").update(time_zone="Europe/Lisbon")
    publish("Mended")
    assert warmup.refresh_if_stale() is True
    assert warmup.problem() is None


def test_it_leaves_a_bad_one_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    warmup.warm()
    spoil(empty_its_audio)
    tried: list[int] = []

    def counted(revision: int) -> object:
        tried.append(revision)
        return load_snapshot(revision)

    monkeypatch.setattr(warmup, "load_snapshot", counted)
    for _ in range(5):
        assert warmup.refresh_if_stale() is False
    assert len(tried) == 1
    assert refreshed() is False
    assert len(tried) == 2
    assert warmup.problem() == "The clip “Welcome” has no recording."


def test_what_is_wrong_with_an_agent_that_is_switched_off_is_nobodys_problem() -> None:
    warmup.warm()
    Agent.objects.filter(name="Vera").update(enabled=False)
    spoil(empty_its_audio)
    assert warmup.refresh_if_stale() is True
    assert warmup.problem() is None
