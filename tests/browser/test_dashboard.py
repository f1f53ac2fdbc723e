"""The dashboard at a browser: what is chosen shows at once, and a value stands at the pointer."""

import pytest
from playwright.sync_api import Browser

from tests.browser.at_work import AtWork, log_in
from tests.browser.conftest import DEADLINE_MS
from tests.browser.set_up import SUPERUSER
from tests.browser.site import Site


@pytest.fixture(scope="module", autouse=True)
def pages_are_full(site: Site) -> None:
    site.installation.run("-m", "tests.browser.sample_data")


@pytest.mark.parametrize("width", [400, 1440])
def test_a_manager_chooses_a_period_and_reads_a_bar(
    browser: Browser, site: Site, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
    context.set_default_timeout(DEADLINE_MS)
    at_work = AtWork(context, site)
    page = at_work.visit("/admin/")
    log_in(page, SUPERUSER)
    page.get_by_label("Period").select_option("90")
    page.wait_for_url("**/admin/?period=90*")
    assert page.evaluate("document.scrollingElement.scrollWidth") == width
    page.locator("[data-chart] rect").first.hover()
    assert page.locator(".va-hover").inner_text().strip()
    page.get_by_text("Show as table").first.click()
    assert page.get_by_role("rowheader").first.is_visible()
    context.close()
    at_work.assert_all_was_well()
