"""Which server is called, and by which Twilio account. Pure."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

_SECURE = {"https": True, "wss": True, "http": False, "ws": False}


@dataclass(frozen=True, slots=True)
class Target:
    """A running server. It is reached at `base_url`, but believes it is `public_base_url`.

    Signatures are made over public addresses, as Twilio makes them. `providers_url` is where
    the stand-in for Twilio's REST API runs; None when nothing plays that part.
    `socket_base_url` is another process of the same installation, to which a load balancer would
    send the media stream; empty: the stream goes where the webhook went. `voice_fallback_url` is
    what the number has for a webhook that fails; empty: nothing.
    """

    base_url: str
    public_base_url: str
    providers_url: str | None
    account_sid: str
    auth_token: str = field(repr=False)  # a failing test prints its values
    socket_base_url: str = ""
    voice_fallback_url: str = ""

    def public_url(self, path: str) -> str:
        return f"{self.public_base_url.rstrip('/')}{path}"

    def reachable(self, url: str) -> str:
        """Where to connect for a public address; addresses of other servers stay as they are."""
        asked, public = urlsplit(url), urlsplit(self.public_base_url)
        is_socket = asked.scheme in ("ws", "wss")
        base = urlsplit(is_socket and self.socket_base_url or self.base_url)
        if asked.netloc.lower() != public.netloc.lower():
            return url
        scheme = base.scheme
        if is_socket:
            scheme = "wss" if _SECURE[base.scheme] else "ws"
        return asked._replace(scheme=scheme, netloc=base.netloc).geturl()
