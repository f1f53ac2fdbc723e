"""The whole story: somebody calls, a manager hears and rates it; who may not, sees nothing."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from rehearsal.caller import HangUp, Hear, Pause, Speak, WaitForAgent
from tests.browser.album import Album
from tests.browser.at_work import AtWork, log_in
from tests.browser.conftest import DEADLINE_MS
from tests.browser.set_up import EDITOR
from tests.browser.site import Site
from tests.browser.telephone import call
from tests.browser.test_live_page import waiting_for_the_end
from tests.servers.running_server import ROOT

ROLE = "all"
MANAGER, READER = "mara", "rui"
ANSWERED = WaitForAgent("finished", silence_ms=1_200)
TALK = (
    ANSWERED,
    Speak("ask-hours"),
    Hear(1.0),
    Speak("what-time", interrupting=True),
    ANSWERED,
    HangUp(),
)
READY = (
    "SELECT id, duration_ms FROM calls_call "
    "WHERE recording_state = 'ready' AND settled_at IS NOT NULL"
)


@contextmanager
def at_the_desk_of(name: str, browser: Browser, site: Site) -> Iterator[AtWork]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(DEADLINE_MS)
    work = AtWork(context, site)
    log_in(work.visit("/admin/"), name)
    yield work
    context.close()


def wait_for(found: Callable[[], list[tuple[int, int]]]) -> tuple[int, int]:
    deadline = time.monotonic() + 30.0
    while not (rows := found()):
        assert time.monotonic() < deadline, "no recording got ready"
        time.sleep(0.2)
    return max(rows, key=lambda row: row[1])


@pytest.fixture(scope="module")
def recorded(site: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, int]:
    """One caller talks, one hangs up after two seconds. The first one's row, and its length."""
    site.installation.run("-m", "tests.browser.sample_recorded")
    site.wait_until_served()
    call(site.server.target, tmp_path_factory.mktemp("talks"), *TALK)
    call(site.server.target, tmp_path_factory.mktemp("leaves"), Pause(2_000), HangUp())
    return wait_for(lambda: site.rows(f"{READY} AND duration_ms > 5000"))


def keep(page: Page, name: str, otherwise: Path) -> None:
    asked = os.environ.get("SCREENSHOTS")
    Album(ROOT / asked if asked else otherwise, tallest_px=1_400).keep(page, name)


def take_both(page: Page, otherwise: Path) -> None:
    keep(page, "call", otherwise)
    page.emulate_media(color_scheme="dark")
    page.reload()  # The theme asks for the colours while it loads.
    expect(page.locator("[data-call-player]")).to_have_js_property("readyState", 4)
    keep(page, "call-dark", otherwise)
    page.emulate_media(color_scheme="light")
    page.reload()
    expect(page.locator("[data-call-player]")).to_have_js_property("readyState", 4)


def test_a_manager_finds_hears_and_rates_a_call(
    browser: Browser, site: Site, recorded: tuple[int, int], tmp_path: Path
) -> None:
    pk, duration_ms = recorded
    with at_the_desk_of(MANAGER, browser, site) as work:
        work.page.get_by_role("link", name="2 calls").first.click()
        work.page.locator(f"a[href*='/calls/call/{pk}/change/']").first.click()
        page = work.page
        player = page.locator("[data-call-player]")
        expect(player).to_have_js_property("readyState", 4)
        length = player.evaluate("it => it.duration")
        assert length == pytest.approx(duration_ms / 1_000, abs=1.5)
        expect(page.get_by_role("heading", name="What it cost")).to_be_visible()
        expect(page.locator(".call svg").first).to_be_visible()
        take_both(page, tmp_path)
        line = page.locator(".call-line-caller").first
        line.locator(".call-bubble").click()
        expect(line).to_have_attribute("aria-current", "true")
        before = player.evaluate("it => it.currentTime")
        page.wait_for_function(
            "before => document.querySelector('[data-call-player]').currentTime > before + 0.3",
            arg=before,
        )
        player.evaluate("it => it.pause()")
        page.locator(".call-stars label").nth(3).click()
        page.get_by_label("Tags").fill("hours")
        page.get_by_label("Note").fill("Well answered.")
        page.get_by_role("button", name="Save review").click()
        expect(page.get_by_text("Your review was saved.")).to_be_visible()
        page.reload()
        expect(page.get_by_label("Note")).to_have_value("Well answered.")
        work.assert_all_was_well()


def test_a_manager_follows_a_call_and_ends_it(
    browser: Browser, site: Site, recorded: tuple[int, int], tmp_path: Path
) -> None:
    with at_the_desk_of(MANAGER, browser, site) as work:
        page = work.visit("/admin/calls/call/live/")
        with waiting_for_the_end(site) as report:
            card = page.locator("[data-call]")
            expect(card.locator("[data-lines] .live-line").nth(2)).to_be_visible(timeout=30_000)
            card.get_by_label("Whisper to the agent").fill("Offer a visit on Friday.")
            card.get_by_role("button", name="Whisper").click()
            expect(card.locator(".live-note")).to_contain_text("Offer a visit on Friday.")
            keep(page, "live", tmp_path)
            page.once("dialog", lambda dialog: dialog.accept())
            card.get_by_role("button", name="Hang up").click()
            assert report.result(60.0).ended_by == "server-rest"
        work.assert_all_was_well()


def test_an_editor_sees_no_calls(browser: Browser, site: Site, recorded: tuple[int, int]) -> None:
    pk = recorded[0]
    with at_the_desk_of(EDITOR, browser, site) as work:
        expect(work.page.get_by_text("Lost in 10 s")).to_have_count(0)
        expect(work.page.get_by_role("link", name="Live calls")).to_have_count(0)
        for path in (
            f"{pk}/change/",
            f"{pk}/recording",
            "live/",
            "dashboard.csv",
            "export.csv",
            "export.json",
            "erase-caller",
        ):
            answer = work.page.request.get(f"{site.url}/admin/calls/call/{path}")
            assert answer.status == 403, path


def test_who_may_not_see_numbers_or_hear_gets_neither(
    browser: Browser, site: Site, recorded: tuple[int, int]
) -> None:
    pk = recorded[0]
    [[number]] = site.rows("SELECT from_number FROM calls_call WHERE id = ?", pk)
    with at_the_desk_of(READER, browser, site) as work:
        for path in (f"/admin/calls/call/{pk}/change/", "/admin/calls/call/"):
            assert number not in work.visit(path).content()
        assert work.visit(f"/admin/calls/call/{pk}/change/").locator("audio").count() == 0
        work.assert_all_was_well()
        heard = work.page.request.get(f"{site.url}/admin/calls/call/{pk}/recording")
        assert heard.status == 403
