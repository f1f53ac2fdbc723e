"""Is this really Twilio? Signatures of webhooks and of the socket's upgrade.

Everything is checked against PUBLIC_BASE_URL, never against a Host header: behind a proxy that
header is whatever the proxy, or an attacker, says. The algorithm and its pitfalls:
twilio.com/docs/usage/webhooks/webhooks-security.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.http import QueryDict
from twilio.request_validator import RequestValidator


def public_url(path: str) -> str:
    """The absolute URL of a path, as Twilio sees it."""
    return f"{settings.PUBLIC_BASE_URL}{path}"


def socket_url() -> str:
    """The media stream's URL, as it stands in the TwiML: wss://, or ws:// in development."""
    return f"ws{public_url(settings.TWILIO_WS_PATH).removeprefix('http')}"


def webhook_is_signed(path: str, parameters: QueryDict, signature: str | None) -> bool:
    """Whether Twilio signed this form post. `path` includes the query string."""
    # The QueryDict itself: with repeated keys its .dict() would give another signature.
    return _is_signed(public_url(path), parameters, signature)


def upgrade_is_signed(signature: str | None) -> bool:
    """Whether Twilio signed the WebSocket upgrade: the wss:// URL of the TwiML, no parameters."""
    return any(_is_signed(url, {}, signature) for url in _with_and_without_port(socket_url()))


def _is_signed(url: str, parameters: Mapping[str, object], signature: str | None) -> bool:
    if not settings.TWILIO_VALIDATE_SIGNATURES:
        return True
    if not signature:  # The library would raise TypeError.
        return False
    return any(
        RequestValidator(token).validate(url, parameters, signature) for token in _auth_tokens()
    )


def _auth_tokens() -> tuple[str, ...]:
    """While the auth token is rotated, Twilio signs with the one or the other."""
    both = (settings.TWILIO_AUTH_TOKEN, settings.TWILIO_AUTH_TOKEN_SECONDARY)
    return tuple(token for token in both if token)  # An empty one would accept anyone.


def _with_and_without_port(url: str) -> tuple[str, ...]:
    # The library adds port 80 to any scheme but https, so the :443 form has to be tried here.
    parts = urlsplit(url)
    if parts.scheme == "wss" and parts.port is None:
        return url, parts._replace(netloc=f"{parts.netloc}:443").geturl()
    if parts.scheme == "wss" and parts.port == 443:
        return url, parts._replace(netloc=parts.netloc.removesuffix(":443")).geturl()
    return (url,)
