"""The page of live calls in a browser, while somebody calls."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rehearsal.caller import (
    CallReport,
    CallScript,
    Pause,
    SimulatedCaller,
    Speak,
    WaitForAgent,
    WaitForHangup,
)
from rehearsal.caller.script import Step
from tests.browser.at_work import AtWork, log_in
from tests.browser.conftest import DEADLINE_MS
from tests.browser.set_up import SUPERUSER
from tests.browser.site import Site
from tests.browser.telephone import HeardCall, call

ROLE = "all"
ANSWERED = WaitForAgent("finished")
WAITS = (ANSWERED, Speak("ask-hours"), WaitForHangup(60.0))

SOCKETS_ARE_KEPT = (
    "const Real = WebSocket; window.sockets = [];"
    "window.WebSocket = class extends Real {"
    "  constructor(...all) { super(...all); window.sockets.push(this); } };"
)


@contextmanager
def calling(site: Site, folder: Path, *steps: Step) -> Iterator["Future[HeardCall]"]:
    with ThreadPoolExecutor(1) as telephone:
        yield telephone.submit(call, site.server.target, folder, *steps)


@contextmanager
def waiting_for_the_end(site: Site) -> Iterator["Future[CallReport]"]:
    """A caller who takes it as it comes: a colleague hangs up in the middle of a sentence."""
    script = CallScript("browser", WAITS, limit_seconds=90.0)

    def wait() -> CallReport:
        return asyncio.run(SimulatedCaller(site.server.target).call(script))

    with ThreadPoolExecutor(1) as telephone:
        yield telephone.submit(wait)


@pytest.fixture
def watching(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(DEADLINE_MS)
    work = AtWork(context, site)
    work.visit("/admin/calls/call/live/")
    log_in(work.page, SUPERUSER)
    yield work.page
    context.close()
    work.assert_all_was_well()


def test_a_call_is_watched_whispered_to_and_ended(
    watching: Page, site: Site, tmp_path: Path
) -> None:
    page = watching
    expect(page.get_by_text("Nobody is on the phone just now.")).to_be_visible()
    with waiting_for_the_end(site) as report:
        card = page.locator("[data-call]")
        expect(card).to_be_visible(timeout=30_000)
        lines = card.locator("[data-lines] .live-line")
        expect(lines).to_have_count(3, timeout=30_000)
        expect(lines.nth(1)).to_contain_text("Caller")
        card.get_by_label("Whisper to the agent").fill("Offer a visit on Friday.")
        card.get_by_role("button", name="Whisper").click()
        expect(card.get_by_text("The agent follows it from its next reply on.")).to_be_visible()
        expect(card.locator(".live-note")).to_contain_text("Offer a visit on Friday.")
        for width, dark in ((1280, False), (400, False), (400, True)):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width
            page.screenshot(path=tmp_path / f"live-{width}-{'dark' if dark else 'light'}.png")
        page.once("dialog", lambda dialog: dialog.accept())
        card.get_by_role("button", name="Hang up").click()
        expect(card.get_by_text("The call is over.")).to_be_visible()
        assert report.result(60.0).ended_by == "server-rest"
    # The card of a call that is over stays for eight seconds.
    nobody = page.get_by_text("Nobody is on the phone just now.")
    expect(nobody).to_be_visible(timeout=15_000)


def test_the_page_says_that_the_connection_is_lost_and_comes_back(
    watching: Page, site: Site, tmp_path: Path
) -> None:
    page = watching
    page.add_init_script(SOCKETS_ARE_KEPT)
    page.reload()
    page.wait_for_function("window.sockets.length === 1 && window.sockets[0].readyState === 1")
    page.evaluate("window.sockets[0].close()")
    expect(page.get_by_text("The connection is lost. Trying again…")).to_be_visible()
    with calling(site, tmp_path, ANSWERED, Pause(3_000)) as heard:
        expect(page.locator("[data-call]")).to_be_visible(timeout=30_000)
        expect(page.locator("[data-live-banner]")).to_be_hidden()
        heard.result(60.0)


def test_a_page_whose_person_has_logged_out_says_so_and_asks_no_more(
    browser: Browser, site: Site
) -> None:
    """Its socket is refused before it is open, and a browser tells no page why."""
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(DEADLINE_MS)
    page = AtWork(context, site).visit("/admin/calls/call/live/")
    log_in(page, SUPERUSER)
    page.add_init_script(SOCKETS_ARE_KEPT)
    page.reload()
    page.wait_for_function("window.sockets.length === 1 && window.sockets[0].readyState === 1")
    context.clear_cookies()
    page.evaluate("window.sockets[0].close()")
    expect(page.get_by_text("You are not logged in any more")).to_be_visible()
    page.wait_for_timeout(3_000)
    assert page.evaluate("window.sockets.length") == 2
    context.close()
