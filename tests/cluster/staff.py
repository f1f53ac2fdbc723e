"""An editor without a browser: logs in over HTTP, and sends the admin's own forms."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.browser.set_up import EDITOR, PASSWORD
from tests.servers.running_server import RunningServer

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Answered:
    """`at` is the monotonic moment the form's answer was there."""

    at: float
    location: str


class Editor:
    """Works at one server."""

    def __init__(self, server: RunningServer) -> None:
        self._http = httpx.Client(base_url=server.base_url, timeout=TIMEOUT_SECONDS)
        self.send("/admin/login/", {"username": EDITOR, "password": PASSWORD, "next": "/admin/"})

    def send(
        self, path: str, fields: Mapping[str, str], files: Mapping[str, Any] | None = None
    ) -> Answered:
        """Open the page, fill the form in, send it. A form that is refused fails the test."""
        return self._post(path, self._token(path), fields, files)

    def _token(self, page: str) -> str:
        found = TOKEN.search(self._http.get(page).text)
        assert found is not None, page
        return found[1]

    def _post(
        self, path: str, token: str, fields: Mapping[str, str], files: Mapping[str, Any] | None
    ) -> Answered:
        data = {"csrfmiddlewaretoken": token, **fields}
        answer = self._http.post(path, data=data, files=files)
        at = time.monotonic()
        assert answer.status_code == 302, answer.text
        return Answered(at, answer.headers["location"])

    def press(self, page: str, button: str) -> Answered:
        """A button that is a form of its own, standing on a page."""
        return self._post(button, self._token(page), {}, None)

    def upload_version(self, clip: int, name: str, sound: bytes, words: str) -> Answered:
        """A draft."""
        fields = {"name": name, "text": words, "sentence": "", "note": "", "agent": ""}
        page = f"/admin/catalog/clip/{clip}/change/"
        return self.send(page, fields, {"recording": ("new.mp3", sound, "audio/mpeg")})

    def change_tool(self, tool: int, stage: str) -> Answered:
        return self.send(f"/admin/catalog/tool/{tool}/change/", {"stage": stage, "enabled": "on"})

    def serving_line(self) -> str:
        """What every page says of the processes that answer calls."""
        told = self._http.get("/admin/catalog/catalogrevision/serving.json").json()
        return str(told["html"])

    def close(self) -> None:
        self._http.close()
