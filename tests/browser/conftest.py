"""A site and a browser for each module: whatever runs after it finds no event loop left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tests.browser.at_work import AtWork, log_in
from tests.browser.set_up import EDITOR
from tests.browser.site import Site, running_site
from tests.browser.speech import said_to_the_microphone
from tests.catalog.recordings import wav
from tests.prerequisites import need_chromium

QUIET = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DEADLINE_MS = 15_000


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    chromium = need_chromium()
    spoken: Path = tmp_path_factory.mktemp("microphone") / "spoken.wav"
    spoken.write_bytes(wav(*said_to_the_microphone()))
    microphone = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={spoken}%noloop",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *microphone])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """ROLE of the module is that of its server; usually the admin alone."""
    need_chromium()
    role = getattr(request.module, "ROLE", "web")
    with running_site(tmp_path_factory.mktemp("site"), role) as site:
        yield site


@pytest.fixture(scope="module")
def logged_in(browser: Browser, site: Site) -> StorageState:
    """The cookies of the editor, who has logged in through the form."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(DEADLINE_MS)
    page.goto(f"{site.url}/admin/")
    log_in(page, EDITOR)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def at_work(browser: Browser, site: Site, logged_in: StorageState) -> Iterator[AtWork]:
    """The editor at a desk. At its end nothing may have gone wrong on any page."""
    context = browser.new_context(
        storage_state=logged_in, viewport={"width": 1280, "height": 900}, locale="en-GB"
    )
    context.set_default_timeout(DEADLINE_MS)
    work = AtWork(context, site)
    yield work
    context.close()
    work.assert_all_was_well()


@pytest.fixture
def page(at_work: AtWork) -> Page:
    return at_work.page
