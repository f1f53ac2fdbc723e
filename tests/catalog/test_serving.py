"""Every page says which revision is live, which process has it, and why one has not."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from catalog.models import CatalogRevision, Prompt, PromptVersion, ServingProcess
from catalog.serving import Serving, ServingState, serving
from catalog.snapshot_loading import newest_revision

pytestmark = pytest.mark.django_db

LINE = "/admin/catalog/catalogrevision/serving.json"


def run_process(
    host: str = "alpha", revision: int | None = None, problem: str = "", silent_seconds: float = 0
) -> None:
    now = timezone.now()
    ServingProcess.objects.create(
        process_id=host,
        host=host,
        pid=7,
        revision=newest_revision() if revision is None else revision,
        problem=problem,
        started_at=now,
        seen_at=now - timedelta(seconds=silent_seconds),
    )


def publish_another() -> int:
    newest = CatalogRevision.objects.latest()
    return int(CatalogRevision.objects.create(document=newest.document).pk)


def told() -> tuple[ServingState, str]:
    now: Serving = serving()
    return now.state, now.sentence()


def test_a_revision_that_every_process_has_is_live() -> None:
    run_process("alpha")
    run_process("beta")
    assert told() == (ServingState.LIVE, f"Revision {newest_revision()} is live.")


def test_a_revision_is_on_its_way_until_the_last_process_has_it() -> None:
    run_process("alpha")
    newest = publish_another()
    run_process("beta")
    state, sentence = told()
    assert state is ServingState.COMING
    assert sentence == f"Revision {newest} is on its way: 1 of 2 processes have it."


def test_a_process_that_cannot_follow_is_named_with_its_reason() -> None:
    run_process("alpha", revision=1, problem="The clip “Welcome” has no recording.")
    publish_another()
    now = serving()
    assert now.state is ServingState.STUCK
    (stuck,) = now.stuck
    assert (stuck.name, stuck.revision) == ("alpha (7)", 1)
    assert stuck.problem == "The clip “Welcome” has no recording."


def test_a_process_that_has_nothing_to_serve_from_is_behind() -> None:
    run_process("alpha", revision=0, problem="The database did not answer.")
    assert serving().state is ServingState.STUCK


def test_a_problem_that_is_over_is_no_longer_told() -> None:
    run_process("alpha", problem="An old story.")
    assert serving().state is ServingState.LIVE


def test_a_process_that_was_silent_for_fifteen_seconds_does_not_count() -> None:
    run_process("alpha", silent_seconds=16)
    state, sentence = told()
    assert state is ServingState.SILENT
    assert sentence.startswith("No process is answering calls.")


def test_without_any_revision_it_says_so() -> None:
    CatalogRevision.objects.all().delete()
    assert told() == (ServingState.NOTHING, "Nothing is published yet.")


def test_it_costs_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    run_process("alpha")
    run_process("beta")
    with django_assert_num_queries(2):
        serving()


def test_a_reason_is_told_in_the_reader_s_language() -> None:
    """The process writes it in English; the reader's own process knows it from the revision."""
    cache.clear()
    version = Prompt.objects.get().published
    PromptVersion.objects.filter(pk=version.pk if version else 0).update(text="Hello {nobody}.")
    run_process("alpha", revision=0, problem="English words of the process.")
    with override("pt"):
        (stuck,) = serving().stuck
    assert stuck.problem != "English words of the process."
    assert "{nobody}" in stuck.problem


# On the pages -----------------------------------------------------------------


def test_the_line_stands_on_every_page_and_tells_where_to_ask_again(alice: Client) -> None:
    run_process("alpha")
    for page in ("/admin/", "/admin/catalog/agent/", "/admin/catalog/phonenumber/add/"):
        html = alice.get(page).content.decode()
        assert f"Revision {newest_revision()} is live." in html
        assert 'aria-live="polite"' in html
        assert f'data-serving-url="{LINE}"' in html


def test_no_page_has_an_inline_handler_of_ours(alice: Client) -> None:
    assert " onclick=" not in alice.get("/admin/").content.decode()


def test_the_script_hears_of_a_change_by_another_key(alice: Client) -> None:
    run_process("alpha")
    before = alice.get(LINE).json()
    assert alice.get(LINE).json() == before
    newest = publish_another()
    after = alice.get(LINE).json()
    assert after["key"] != before["key"]
    assert f"Revision {newest} is on its way" in after["html"]
    assert after["poll_ms"] == 1_000 < before["poll_ms"]


def test_hosts_and_reasons_are_escaped(alice: Client) -> None:
    run_process("<b>alpha</b>", revision=1, problem="<script>alert(1)</script>")
    publish_another()
    html = alice.get(LINE).json()["html"]
    assert "<script>" not in html and "<b>" not in html


def test_whoever_may_not_see_the_catalog_gets_the_line_without_links(client: Client) -> None:
    run_process("alpha")
    client.force_login(User.objects.create_user("maria", is_staff=True))
    html = client.get(LINE).json()["html"]
    assert f"Revision {newest_revision()} is live." in html
    assert "href" not in html


def test_nobody_is_told_who_is_not_logged_in(client: Client) -> None:
    assert client.get(LINE).status_code == 302


def test_the_login_page_does_not_tell(client: Client) -> None:
    run_process("alpha")
    assert b"is live" not in client.get("/admin/login/").content
