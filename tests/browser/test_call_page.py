"""One call's page at a manager's desk: hear a line, follow the words, rate the call."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.album import Album
from tests.browser.at_work import AtWork, log_in
from tests.browser.sample_call_sid import CALL_SID
from tests.browser.set_up import SUPERUSER
from tests.browser.site import Site
from tests.servers.running_server import ROOT

WINDOWS = (("desk", 1440, "light"), ("desk", 1440, "dark"), ("phone", 400, "light"))


@pytest.fixture(scope="module", autouse=True)
def call(site: Site) -> None:
    site.installation.run("-m", "tests.browser.sample_data")
    site.installation.run("-m", "tests.browser.sample_call")


@pytest.fixture
def manager(browser: Browser, site: Site) -> Iterator[AtWork]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(15_000)
    work = AtWork(context, site)
    log_in(work.visit("/admin/"), SUPERUSER)
    yield work
    context.close()
    work.assert_all_was_well()


def open_call(work: AtWork) -> Page:
    [[pk]] = work.site.rows("SELECT id FROM calls_call WHERE call_sid = ?", CALL_SID)
    return work.visit(f"/admin/calls/call/{pk}/change/")


def test_a_line_that_is_clicked_is_heard_and_marked(manager: AtWork) -> None:
    page = open_call(manager)
    player = page.locator("[data-call-player]")
    line = page.locator(".call-line", has_text="Thursday would be better")
    line.locator(".call-bubble").click()
    expect(line).to_have_attribute("aria-current", "true")
    assert player.evaluate("it => it.currentTime") >= 13.0
    page.locator("[aria-current=true]").wait_for()
    player.evaluate("it => it.pause()")
    last = page.locator(".call-line").last
    last.get_by_role("button", name="01:00").press("Enter")
    expect(last).to_have_attribute("aria-current", "true")
    expect(page.locator("[data-call-lines] [aria-current]")).to_have_count(1)


def test_the_words_follow_the_player(manager: AtWork) -> None:
    page = open_call(manager)
    page.locator("[data-call-player]").evaluate("it => { it.muted = true; it.currentTime = 58.9; }")
    current = page.locator("[data-call-lines] [aria-current]")
    expect(current).to_contain_text("And then, 25?")
    page.locator("[data-call-player]").evaluate("it => it.play()")
    expect(current).to_contain_text("And then, 26?")
    expect(current.locator(".call-bubble")).to_be_in_viewport()


def test_a_manager_rates_a_call(manager: AtWork) -> None:
    page = open_call(manager)
    page.locator(".call-stars label").nth(2).click()
    page.get_by_role("button", name="waiting").click()
    page.get_by_label("Note").fill("Ask about the waiting time.")
    page.get_by_role("button", name="Save review").click()
    expect(page.get_by_text("Your review was saved.")).to_be_visible()
    rows = manager.site.rows("SELECT rating, tags, note, author_name FROM calls_callreview")
    assert rows == [(2, "price", "Ask about the waiting time.", SUPERUSER)]


@pytest.mark.parametrize(("name", "width", "colours"), WINDOWS)
def test_it_fits_every_window(manager: AtWork, name: str, width: int, colours: str) -> None:
    asked = os.environ.get("MORE_SCREENSHOTS")
    manager.page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
    manager.page.set_viewport_size({"width": width, "height": 900})
    for title, path in (("call", ""), ("calls", "/admin/calls/call/")):
        page = manager.visit(path) if path else open_call(manager)
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        if asked:
            Album(ROOT / asked, tallest_px=4_000).keep(page, f"{title}-{name}-{colours}")
