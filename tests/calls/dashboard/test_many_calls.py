"""With many calls no page asks the database more than a few times: `make many-calls` in small."""

import pytest

from benchmarks.many_calls_business import fill
from benchmarks.many_calls_pages import MOST_QUERIES, browser_of, opened, pages
from calls.models import Call, Utterance

CALLS, UTTERANCES = 2_000, 4


@pytest.mark.django_db
def test_no_page_needs_more_than_fifteen_queries() -> None:
    assert fill(CALLS, UTTERANCES)
    assert Call.objects.count() == CALLS
    assert Utterance.objects.count() > CALLS
    asked = list(pages())
    browsers = {who: browser_of(who) for who in {page.who for page in asked}}
    results = [opened(page, browsers[page.who], rounds=0) for page in asked]
    too_many = [
        f"{result.page.name}: {result.queries} queries, status {result.status}"
        for result in results
        if result.queries > MOST_QUERIES or result.status != 200
    ]
    assert too_many == []
