"""What managers write of a call, and that it is all that they can write."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from calls.call_rows import write
from calls.happenings import CallRang
from calls.models import Call, CallReview
from calls.review_tags import tags_in_use, tidy
from staff.models import AuditEntry
from tests.calls.samples import CALL_SID, OTHER_CALL_SID
from tests.staff.people import browser_of, hire

pytestmark = pytest.mark.django_db
LIST = reverse("admin:calls_call_changelist")


@pytest.fixture
def manager() -> Client:
    return browser_of(hire("M"))


def a_call(call_sid: str = CALL_SID) -> Call:
    write(CallRang(call_sid, "+351200000002", "+351200000001", "Reception", 42, 3.5))
    return Call.objects.get(call_sid=call_sid)


def save(client: Client, call: Call, **written: Any) -> Any:
    return client.post(reverse("admin:calls_call_review", args=(call.pk,)), written)


def test_it_keeps_the_rating_the_tags_and_the_note_and_who_wrote_them(manager: Client) -> None:
    call = a_call()
    before = Call.objects.values().get()
    answer = save(manager, call, rating="4", tags="Price,  complaint,price", note="Too slow.")
    assert answer.headers["Location"] == reverse("admin:calls_call_change", args=(call.pk,))
    review = CallReview.objects.get()
    assert (review.rating, review.tags, review.note) == (4, "Price, complaint", "Too slow.")
    assert (review.call_id, review.author_name) == (call.pk, "manager")
    assert Call.objects.values().get() == before


def test_it_can_be_changed_and_a_rating_taken_back(manager: Client) -> None:
    call = a_call()
    save(manager, call, rating="1", tags="", note="A")
    save(manager, call, rating="", tags="", note="B")
    review = CallReview.objects.get()
    assert (review.rating, review.note) == (None, "B")


@pytest.mark.parametrize(
    "written", [{"rating": "6"}, {"rating": "x"}, {"tags": "a" * 201}, {"note": "n" * 4_001}]
)
def test_it_shows_again_what_it_cannot_keep(manager: Client, written: dict[str, str]) -> None:
    call = a_call()
    answer = save(manager, call, **{"note": "Keep me.", **written})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "call-problem" in page
    assert list(written.values())[0] in page or "Keep me." in page
    assert not CallReview.objects.exists()


def test_only_who_may_review_can(manager: Client) -> None:
    call = a_call()
    editor = browser_of(hire("E"))
    assert save(editor, call, rating="1").status_code == 403
    assert save(Client(), call, rating="1").status_code == 302
    assert manager.get(reverse("admin:calls_call_review", args=(call.pk,))).status_code == 405
    assert save(manager, Call(pk=call.pk + 1), rating="1").status_code == 404
    assert not CallReview.objects.exists()


def test_it_is_written_down_without_the_words_of_the_note(manager: Client) -> None:
    call = a_call()
    save(manager, call, rating="2", tags="complaint", note="Maria was angry.")
    (row,) = AuditEntry.objects.filter(content_type__model="callreview")
    assert row.changes["rating"] == ["None", "2"]
    assert "Maria" not in str(row.changes)
    history = manager.get(reverse("admin:calls_call_history", args=(call.pk,)))
    assert "Review" in history.content.decode()


def test_the_list_shows_and_finds_ratings_and_whole_tags(manager: Client) -> None:
    rated, other = a_call(), a_call(OTHER_CALL_SID)
    save(manager, rated, rating="2", tags="no answer, price")
    save(manager, other, rating="", tags="price list")

    def found(**by: str) -> list[int]:
        return [call.pk for call in manager.get(LIST, by).context["cl"].queryset]

    assert "2 of 5" in manager.get(LIST).content.decode()
    assert found(rating="2") == [rated.pk]
    assert found(rating="none") == [other.pk]
    assert found(tag="price") == [rated.pk]
    assert found(tag="price list") == [other.pk]
    assert found(look="unhappy") == [rated.pk]
    assert tags_in_use() == ["no answer", "price", "price list"]


@pytest.mark.parametrize(
    ("written", "kept"), [("", ""), (" , ,", ""), ("a  b,A B,c", "a b, c"), ("x,y", "x, y")]
)
def test_tags_are_written_in_one_way(written: str, kept: str) -> None:
    assert tidy(written) == kept
