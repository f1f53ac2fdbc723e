"""Every page on a telephone's screen and on a desk's, from this server alone."""

import pytest

from tests.browser.at_work import AtWork
from tests.browser.site import Site

# `{…}` is the newest row of that table.
PAGES = (
    "/admin/",
    "/admin/catalog/agent/",
    "/admin/catalog/agent/{catalog_agent}/change/",
    "/admin/catalog/phonenumber/",
    "/admin/catalog/phonenumber/add/",
    "/admin/catalog/clip/",
    "/admin/catalog/clip/add/",
    "/admin/catalog/clip/{catalog_clip}/change/",
    "/admin/catalog/clip/{catalog_clip}/history/",
    "/admin/catalog/prompt/",
    "/admin/catalog/prompt/add/",
    "/admin/catalog/prompt/{catalog_prompt}/change/",
    "/admin/catalog/prompt/{catalog_prompt}/compare",
    "/admin/catalog/tool/",
    "/admin/catalog/tool/{catalog_tool}/change/",
    "/admin/catalog/catalogrevision/",
    "/admin/catalog/catalogrevision/{catalog_catalogrevision}/change/",
    "/admin/customers/customer/",
    "/admin/customers/customer/{customers_customer}/change/",
    "/admin/customers/appointment/",
    "/admin/customers/appointment/{customers_appointment}/change/",
    "/admin/password_change/",
)


@pytest.fixture(scope="module", autouse=True)
def pages_are_full(site: Site) -> None:
    site.installation.run("-m", "tests.browser.sample_data")


def address(at_work: AtWork, page: str) -> str:
    if "{" not in page:
        return page
    table = page.split("{")[1].split("}")[0]
    [[newest]] = at_work.site.rows(f"SELECT max(id) FROM {table}")
    return page.format(**{table: newest})


# The innermost element that reaches furthest to the right.
WIDEST = """() => {
  const reach = it => it.getBoundingClientRect().right;
  const all = [...document.querySelectorAll("body *")].filter(it => it.offsetParent);
  const most = Math.max(...all.map(reach));
  return all.filter(it => reach(it) === most).at(-1).innerText.slice(0, 200);
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_scrolls_sideways_or_asks_another_host(at_work: AtWork, width: int) -> None:
    at_work.page.set_viewport_size({"width": width, "height": 844})
    too_wide = []
    for path in PAGES:
        page = at_work.visit(address(at_work, path))
        needed = page.evaluate("document.scrollingElement.scrollWidth")
        if needed > width:
            widest = page.evaluate(WIDEST)
            too_wide.append(f"{path} needs {needed} px: {widest}")
    assert too_wide == []
