"""What an editor does at a browser, and what may not happen on any page meanwhile."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

from tests.browser.set_up import PASSWORD
from tests.browser.site import Site

LOCAL_SCHEMES = {"data", "blob", "about"}


def log_in(page: Page, name: str) -> None:
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login/" not in url)


class AtWork:
    """A browser's window. Its requests, its console and its errors are watched."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.site = site
        self.trouble: list[str] = []
        context.on("request", self._look_at_request)
        context.on("response", self._look_at_response)
        context.on("console", self._look_at_console)
        context.on("weberror", self._look_at_error)
        self.page = context.new_page()

    def visit(self, path: str) -> Page:
        self.page.goto(f"{self.site.url}{path}")
        return self.page

    def open_clip(self, name: str) -> Page:
        [[pk]] = self.site.rows("SELECT id FROM catalog_clip WHERE name = ?", name)
        return self.visit(f"/admin/catalog/clip/{pk}/change/")

    def open_agent(self) -> Page:
        [[pk]] = self.site.rows("SELECT id FROM catalog_agent WHERE is_default")
        return self.visit(f"/admin/catalog/agent/{pk}/change/")

    def save(self) -> None:
        self.page.get_by_role("button", name="Save", exact=True).click()

    def save_and_publish(self) -> None:
        self.page.get_by_role("button", name="Save and publish").click()

    def messages(self) -> str:
        """What the page tells about what was done."""
        self.page.wait_for_load_state()
        return self.page.locator("main, body").first.inner_text()

    def assert_all_was_well(self) -> None:
        assert self.trouble == []

    def _look_at_request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        ours = urlsplit(self.site.url).netloc
        if asked.scheme not in LOCAL_SCHEMES and asked.netloc != ours:
            self.trouble.append(f"a request left for {request.url}")

    def _look_at_response(self, response: Response) -> None:
        if response.status >= 400:
            self.trouble.append(f"{response.status} for {response.url}")

    def _look_at_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(f"{message.type} in the console: {message.text}")

    def _look_at_error(self, error: WebError) -> None:
        self.trouble.append(f"a script failed: {error.error}")
