"""One HTTP request of a tool that staff made, from what the agent filled in to what it is told."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2
from django.utils.translation import gettext as _

from catalog.tools import outbound
from catalog.tools.context import ToolContext, ToolError, ToolOutcome, idempotency_key
from catalog.tools.headers import HeadersUnusable, filled_headers
from catalog.tools.http_answers import told
from catalog.tools.http_bodies import BodyTemplate
from catalog.tools.http_urls import UrlTemplate
from catalog.tools.http_values import Value, ValueUnusable
from catalog.tools.loop_thread import http_loop
from catalog.tools.outbound import OutboundRefused

logger = logging.getLogger(__name__)


class HttpCallFailed(ToolError):
    """There is no answer. `for_staff` says why, to whoever tries the tool out."""

    def __init__(self, spoken_message: str, for_staff: str) -> None:
        super().__init__(spoken_message)
        self.for_staff = for_staff


@dataclass(frozen=True, slots=True)
class HttpCall:
    """The handler of the tool. Equal to another one that makes the same requests."""

    name: str
    method: str
    url: UrlTemplate
    headers: str  # as staff wrote them: secrets are filled in for each request
    body: BodyTemplate | None
    timeout_seconds: float
    changes_something: bool

    # Positional alone: a parameter may have any name.
    async def __call__(self, context: ToolContext | None, /, **values: Value) -> ToolOutcome:
        """`data` is {"status", "result"}. Raises HttpCallFailed."""
        try:
            answer = await http_loop().do(self._answer(values))
        except HttpCallFailed as failed:
            logger.warning("HTTP tool %s: %s", self.name, failed.for_staff)
            raise
        data = {"status": answer.status_code, "result": told(answer)}
        if answer.is_success:
            return ToolOutcome(ok=True, data=data)
        say = _("That did not work: the service answered with an error.")
        return ToolOutcome(ok=False, data=data, say=say)

    async def _answer(self, values: Mapping[str, Value]) -> httpx2.Response:
        # Never "from" the cause: it may quote a header, and somebody may write it down.
        try:
            async with asyncio.timeout(min(self.timeout_seconds, outbound.DEADLINE_SECONDS)):
                return await self._sent(values)
        except ValueUnusable as error:
            raise HttpCallFailed(
                _("That cannot be looked up as it was said."),
                _("This value cannot be sent: %(names)s.") % {"names": error},
            ) from None
        except HeadersUnusable as error:
            raise HttpCallFailed(_unreachable(), str(error)) from None
        except OutboundRefused as error:
            raise HttpCallFailed(_unreachable(), str(error)) from None
        except (TimeoutError, httpx2.TimeoutException):
            raise HttpCallFailed(
                _("The service takes too long to answer just now."),
                _("There was no answer within %(seconds)g seconds.")
                % {"seconds": self.timeout_seconds},
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise HttpCallFailed(_unreachable(), _why_unreachable(error)) from None

    async def _sent(self, values: Mapping[str, Value]) -> httpx2.Response:
        headers = httpx2.Headers(filled_headers(self.headers))
        key = idempotency_key.get()
        if self.changes_something and key:
            headers["Idempotency-Key"] = key
        body = self.body.filled(values) if self.body is not None else None
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        async with outbound.client(self.timeout_seconds) as client:
            return await client.request(
                self.method, self.url.filled(values), headers=headers, content=body
            )


def _unreachable() -> str:
    return _("The service for that cannot be reached just now.")


def _why_unreachable(error: Exception) -> str:
    """By the kind of the error: its text may quote what was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if type(cause).__name__ == "SSLCertVerificationError":
            return _("The certificate of the server is not valid for this address.")
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx2.ConnectError):
        return _("The server cannot be reached: it is not known, or nothing listens there.")
    if isinstance(error, httpx2.InvalidURL):
        return _("The address becomes too long, or none at all.")
    return _("The connection broke, or what came back is not HTTP.")
