"""Pictures of the main pages: for the documents, and for whoever changes how they look.

SCREENSHOTS=docs/images, which `make screenshots` sets, says where those of the documents go;
MORE_SCREENSHOTS=rehearsals/screenshots has the others taken as well.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, StorageState, ViewportSize, expect

from tests.browser.album import Album
from tests.browser.at_work import AtWork
from tests.browser.site import Site
from tests.servers.running_server import ROOT

Colours = Literal["light", "dark"]
Picture = tuple[str, str, ViewportSize, Colours]  # name, page, window

DESK: ViewportSize = {"width": 1280, "height": 720}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
CLIP = "/admin/catalog/clip/{clip}/change/"
# For the documents.
PICTURES: tuple[Picture, ...] = (
    ("first-page", "/admin/", DESK, "light"),
    ("clip", CLIP, DESK, "light"),
    ("clip-dark", CLIP, DESK, "dark"),
    ("clip-phone", CLIP, TELEPHONE, "light"),
    ("prompt-compare", "/admin/catalog/prompt/{prompt}/compare", DESK, "light"),
    ("tools", "/admin/catalog/tool/", DESK, "light"),
    ("agent", "/admin/catalog/agent/{agent}/change/", DESK, "light"),
    ("revision", "/admin/catalog/catalogrevision/{revision}/change/", DESK, "light"),
)
# To be looked at; not in the documents.
MORE: tuple[Picture, ...] = (
    ("first-page-dark", "/admin/", DESK, "dark"),
    ("first-page-phone", "/admin/", TELEPHONE, "light"),
    ("clips", "/admin/catalog/clip/", DESK, "light"),
    ("clips-phone", "/admin/catalog/clip/", TELEPHONE, "light"),
    ("clip-new", "/admin/catalog/clip/add/", DESK, "light"),
    ("prompt", "/admin/catalog/prompt/{prompt}/change/", DESK, "light"),
    ("prompt-dark", "/admin/catalog/prompt/{prompt}/change/", DESK, "dark"),
    ("prompt-preview", "/admin/calls/call/prompt-preview/{version}", DESK, "light"),
    ("prompt-compare-phone", "/admin/catalog/prompt/{prompt}/compare", TELEPHONE, "dark"),
    ("tools-phone", "/admin/catalog/tool/", TELEPHONE, "dark"),
    ("agent-phone", "/admin/catalog/agent/{agent}/change/", TELEPHONE, "light"),
    ("agent-dark", "/admin/catalog/agent/{agent}/change/", DESK, "dark"),
    ("revisions", "/admin/catalog/catalogrevision/", DESK, "light"),
    ("revisions-phone", "/admin/catalog/catalogrevision/", TELEPHONE, "dark"),
    ("revision-dark", "/admin/catalog/catalogrevision/{revision}/change/", DESK, "dark"),
)


def addresses(site: Site) -> dict[str, int]:
    """What stands for `{…}` in an address."""
    [[clip]] = site.rows("SELECT id FROM catalog_clip WHERE name = 'Greeting'")
    [[agent, prompt]] = site.rows("SELECT id, prompt_id FROM catalog_agent WHERE is_default")
    [[version]] = site.rows("SELECT max(id) FROM catalog_promptversion")
    [[revision]] = site.rows(
        "SELECT id FROM catalog_catalogrevision WHERE cause LIKE 'Agent%' ORDER BY id DESC LIMIT 1"
    )
    return {
        "clip": clip,
        "agent": agent,
        "prompt": prompt,
        "version": version,
        "revision": revision,
    }


class Desks:
    """One window for each kind: how wide, and light or dark."""

    def __init__(self, browser: Browser, site: Site, logged_in: StorageState) -> None:
        self._browser, self._site, self._logged_in = browser, site, logged_in
        self._open: dict[tuple[int, str], AtWork] = {}

    def at(self, window: ViewportSize, colours: Colours) -> AtWork:
        kind = (window["width"], colours)
        if kind not in self._open:
            context = self._browser.new_context(
                storage_state=self._logged_in,
                viewport=window,
                color_scheme=colours,
                locale="en-GB",
                timezone_id="Europe/Lisbon",
            )
            self._open[kind] = AtWork(context, self._site)
        return self._open[kind]

    def close(self) -> None:
        for work in self._open.values():
            work.page.context.close()
            work.assert_all_was_well()


@pytest.fixture
def for_the_documents(tmp_path: Path) -> Album:
    asked = os.environ.get("SCREENSHOTS")
    return Album(ROOT / asked if asked else tmp_path, tallest_px=1_400)


@pytest.fixture
def desks(browser: Browser, site: Site, logged_in: StorageState) -> Iterator[Desks]:
    desks = Desks(browser, site, logged_in)
    yield desks
    desks.close()


def take(desks: Desks, album: Album, pictures: tuple[Picture, ...], site: Site) -> None:
    known = addresses(site)
    for name, path, window, colours in pictures:
        page = desks.at(window, colours).visit(path.format(**known))
        album.keep(page, name)


def test_a_newcomer_is_told_what_to_do_first(
    desks: Desks, for_the_documents: Album, site: Site
) -> None:
    site.installation.run("-m", "tests.browser.sample_data", "serving")
    page = desks.at(DESK, "light").visit("/admin/")
    expect(page.get_by_text("0 of 3 steps done")).to_be_visible()
    for_the_documents.keep(page, "first-page-newcomer")


def test_the_pages_of_a_business_at_work(
    desks: Desks, for_the_documents: Album, site: Site
) -> None:
    site.installation.run("-m", "tests.browser.sample_data")
    take(desks, for_the_documents, PICTURES, site)
    asked = os.environ.get("MORE_SCREENSHOTS")
    if asked:
        take(desks, Album(ROOT / asked, tallest_px=4_000), MORE, site)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_page_to_log_in(browser: Browser, site: Site, tmp_path: Path, colours: Colours) -> None:
    context = browser.new_context(viewport=DESK, color_scheme=colours)
    page = context.new_page()
    page.goto(f"{site.url}/admin/")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    more = os.environ.get("MORE_SCREENSHOTS")
    Album(ROOT / more if more else tmp_path, tallest_px=1_400).keep(page, f"login-{colours}")
    context.close()
