"""Logging in with both steps, and being locked out; and that no page breaks its policy.

MORE_SCREENSHOTS=rehearsals/screenshots keeps the pictures.
"""

import os
import re
import time
from base64 import b32decode
from collections.abc import Iterator

import pytest
from django.conf import settings
from django_otp.oath import totp
from playwright.sync_api import Browser, Page, expect

from tests.browser.album import Album
from tests.browser.at_work import AtWork, log_in
from tests.browser.conftest import DEADLINE_MS
from tests.browser.set_up import EDITOR, PASSWORD, SUPERUSER
from tests.browser.site import Site
from tests.servers.running_server import ROOT

LOOKS = (("light", 1280, "light"), ("dark", 1280, "dark"), ("phone", 390, "light"))
# Of which tests/browser/test_layout.py and the tests of single pages open none.
MORE_PAGES = (
    "/admin/auth/user/",
    "/admin/auth/user/{auth_user}/change/",
    "/admin/auth/user/add/",
    "/admin/auth/group/",
    "/admin/auth/group/{auth_group}/change/",
    "/admin/staff/auditentry/",
    "/admin/staff/auditentry/{staff_auditentry}/change/",
    "/admin/calls/webhook/add/",
    "/admin/calls/webhookdelivery/",
    "/admin/calls/call/erase-caller",
    "/admin/catalog/httptool/add/",
    "/admin/catalog/mcpserver/add/",
    "/admin/second-factor/",
)


@pytest.fixture
def work(browser: Browser, site: Site) -> Iterator[AtWork]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(DEADLINE_MS)
    yield AtWork(context, site)
    context.close()


def violations(work: AtWork) -> list[str]:
    return [line for line in work.trouble if "Policy" in line]


def look(page: Page, name: str) -> None:
    """In every look: nothing is wider than the window. Kept where somebody asked for pictures."""
    asked = os.environ.get("MORE_SCREENSHOTS")
    for look, width, colours in LOOKS:
        dark = colours == "dark"
        page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width, (name, look)
        if asked:
            Album(ROOT / asked, tallest_px=1_400).keep(page, f"{name}-{look}")
    page.set_viewport_size({"width": 1280, "height": 900})


def code_of(key: bytes, later: int = 0) -> str:
    return f"{totp(key, drift=later):06d}"


def give_code(page: Page, code: str, button: str = "Log in") -> None:
    page.locator("#id_code").fill(code)
    page.get_by_role("button", name=button, exact=True).click()


def test_who_fails_too_often_is_told_what_to_do(work: AtWork) -> None:
    page = work.visit("/admin/")
    look(page, "log-in")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        page.locator("#id_username").fill("rui")
        page.locator("#id_password").fill("not this one")
        page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("nobody can log in as this person from here")).to_be_visible()
    look(page, "log-in-locked")
    assert violations(work) == []
    log_in(page, EDITOR)  # Somebody else, at the same desk.
    assert [line for line in work.trouble if " 429" not in f" {line}"] == []


def test_two_step_log_in_from_setting_it_up_to_the_last_backup_code(work: AtWork) -> None:
    page = work.visit("/admin/second-factor/")
    log_in(page, EDITOR)
    look(page, "two-step-off")
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name="Set up two-step log-in")).to_be_visible()
    written = page.locator(".va-key").inner_text()
    key = b32decode(written.replace(" ", ""))
    look(page, "two-step-setting-up")
    give_code(page, code_of(key), "Turn on")
    expect(page.get_by_role("heading", name="Your backup codes")).to_be_visible()
    backup = page.locator(".va-backup-codes code").first.inner_text()
    look(page, "two-step-backup-codes")
    page.get_by_role("link", name="I have written them down").click()
    expect(page.get_by_role("heading", name="Two-step log-in is on")).to_be_visible()
    look(page, "two-step-on")
    leave(page)
    page.locator("#id_username").fill(EDITOR)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("enter the six digits")).to_be_visible()
    look(page, "code")
    give_code(page, code_of(key, 1))
    page.wait_for_url(re.compile(r"/admin/second-factor/$"))
    leave(page)
    page.locator("#id_username").fill(EDITOR)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Use a backup code instead").click()
    expect(page.get_by_label("Backup code")).to_be_visible()
    look(page, "code-backup")
    give_code(page, backup)
    expect(page.get_by_text("You have 9 left")).to_be_visible()
    assert work.trouble == []


def leave(page: Page) -> None:
    """As the menu does it; the page that one is led to asks for the name again."""
    page.evaluate("document.getElementById('logout-form').submit()")
    page.wait_for_url(lambda url: "/logout/" in url or "/login/" in url)
    page.goto(re.sub(r"/admin/.*", "/admin/second-factor/", page.url))


def test_no_other_page_breaks_its_policy(work: AtWork) -> None:
    page = work.visit("/admin/")
    log_in(page, SUPERUSER)
    for address in MORE_PAGES:
        table = re.search(r"{(\w+)}", address)
        if table:
            [[newest]] = work.site.rows(f"SELECT max(id) FROM {table[1]}")
            address = address.format(**{table[1]: newest})
        work.visit(address)
        expect(page.locator("body")).to_be_visible()
    assert work.trouble == []


INJECTED = """() => {
  const made = (name, more) => Object.assign(document.createElement(name), more);
  const add = (name, more) => document.body.append(made(name, more));
  add("script", { textContent: "window.ran = true" });
  add("script", { src: "https://example.org/theirs.js" });
  add("img", { src: "https://example.org/seen.png" });
  add("style", { textContent: "body { display: none }" });
}"""


def test_what_somebody_writes_into_a_page_does_not_run(work: AtWork) -> None:
    """And these tests would see a page that needs more than its policy allows."""
    page = work.visit("/admin/")
    page.evaluate(INJECTED)
    deadline = time.monotonic() + 5.0
    while len(violations(work)) < 4 and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert len(violations(work)) == 4, work.trouble
    assert page.evaluate("window.ran") is None
    expect(page.locator("body")).to_be_visible()
