"""Twilio's side of the webhooks: signs its form posts, and hands them to the real application."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx2
from django.conf import settings
from twilio.request_validator import RequestValidator

from tests.calls.samples import ACCOUNT_SID, CALL_SID, CALLER_NUMBER, DIALLED_NUMBER

FORM_TYPE = "application/x-www-form-urlencoded"
INCOMING = {
    "AccountSid": ACCOUNT_SID,
    "CallSid": CALL_SID,
    "From": CALLER_NUMBER,
    "To": DIALLED_NUMBER,
    "CallStatus": "ringing",
    "Direction": "inbound",
    "CallerName": "João & Söhne <Lda>",
}


class FakeTwilio:
    """Every exception of the application reaches the test: there is no server to hide it."""

    def __init__(self, application: Any) -> None:
        self._client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=application), base_url="http://localhost"
        )

    async def post(
        self, path: str, fields: Mapping[str, Any], *, signed: bool = True
    ) -> httpx2.Response:
        """A form post as Twilio makes it."""
        headers = {"X-Twilio-Signature": self.signature(path, fields)} if signed else {}
        return await self.request("POST", path, urlencode(fields, doseq=True).encode(), headers)

    async def request(
        self, method: str, path: str, content: Any = b"", headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        return await self._client.request(
            method, path, content=content, headers={"Content-Type": FORM_TYPE, **(headers or {})}
        )

    @staticmethod
    def signature(path: str, fields: Mapping[str, Any]) -> str:
        validator = RequestValidator(settings.TWILIO_AUTH_TOKEN)
        signature: str = validator.compute_signature(f"{settings.PUBLIC_BASE_URL}{path}", fields)
        return signature

    async def close(self) -> None:
        await self._client.aclose()


def token_of(response: httpx2.Response) -> str:
    """The stream token of a TwiML answer."""
    parameter = ElementTree.fromstring(response.text).find("Connect/Stream/Parameter")
    assert parameter is not None
    return parameter.attrib["value"]


def verbs(response: Any) -> list[tuple[str, dict[str, str]]]:
    """What a TwiML answer tells Twilio to do."""
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/xml")
    return [(verb.tag, verb.attrib) for verb in ElementTree.fromstring(response.content)]
