"""Pictures of what managers read: a month on the dashboard, calls, and what follows them.

SCREENSHOTS and MORE_SCREENSHOTS are those of test_screenshots.py.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, StorageState, expect

from tests.browser.album import Album
from tests.browser.at_work import log_in
from tests.browser.conftest import DEADLINE_MS
from tests.browser.sample_call_sid import CALL_SID
from tests.browser.set_up import SUPERUSER
from tests.browser.site import Site
from tests.browser.test_screenshots import DESK, TELEPHONE, Desks, Picture
from tests.servers.running_server import ROOT

CALL = "/admin/calls/call/{call}/change/"
EMPTY: tuple[Picture, ...] = (("dashboard-empty", "/admin/", DESK, "light"),)
PICTURES: tuple[Picture, ...] = (
    ("dashboard", "/admin/?period=30", DESK, "light"),
    ("dashboard-dark", "/admin/?period=30", DESK, "dark"),
    ("dashboard-phone", "/admin/?period=30", TELEPHONE, "light"),
)
MORE: tuple[Picture, ...] = (
    ("calls", "/admin/calls/call/", DESK, "light"),
    ("webhook-deliveries", "/admin/calls/webhookdelivery/", DESK, "light"),
    ("erase-caller", "/admin/calls/call/erase-caller", DESK, "light"),
    ("webhooks", "/admin/calls/webhook/", DESK, "light"),
    ("webhook-new", "/admin/calls/webhook/add/", DESK, "light"),
    ("calls-phone", "/admin/calls/call/", TELEPHONE, "light"),
    ("live-empty", "/admin/calls/call/live/", DESK, "light"),
    ("long-call", CALL, DESK, "light"),
    ("long-call-dark", CALL, DESK, "dark"),
    ("long-call-phone", CALL, TELEPHONE, "light"),
)


@pytest.fixture(scope="module")
def manager(browser: Browser, site: Site) -> StorageState:
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(DEADLINE_MS)
    page.goto(f"{site.url}/admin/")
    log_in(page, SUPERUSER)
    state = context.storage_state()
    context.close()
    return state


def take(desks: Desks, folder: Path, pictures: tuple[Picture, ...], call: int) -> None:
    for name, path, window, colours in pictures:
        page = desks.at(window, colours).visit(path.format(call=call))
        assert page.evaluate("document.scrollingElement.scrollWidth") <= window["width"], name
        Album(folder, tallest_px=1_400).keep(page, name)


def test_the_pages_of_a_month_of_calls(
    browser: Browser, site: Site, manager: StorageState, tmp_path: Path
) -> None:
    asked, more = os.environ.get("SCREENSHOTS"), os.environ.get("MORE_SCREENSHOTS")
    folder = ROOT / asked if asked else tmp_path
    desks = Desks(browser, site, manager)
    if more:
        take(desks, ROOT / more, EMPTY, 0)
    for sample in ("sample_data", "sample_month", "sample_call", "sample_webhooks"):
        site.installation.run("-m", f"tests.browser.{sample}")
    [[call]] = site.rows("SELECT id FROM calls_call WHERE call_sid = ?", CALL_SID)
    take(desks, folder, PICTURES, call)
    expect(desks.at(DESK, "light").visit("/admin/?period=30").locator("svg").first).to_be_visible()
    if more:
        take(desks, ROOT / more, MORE, call)
    desks.close()
