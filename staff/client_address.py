"""From which address does a log-in come? A header that anybody can send is not believed."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

IPV6_NETWORK_BITS = 64  # What one household or one server is given: its owner has all of them.


def client_address(request: HttpRequest) -> str | None:
    """The peer of the connection, or who the last of TRUSTED_PROXIES proxies says it was.

    An IPv6 address is its network's. None where there is no address, as on a Unix socket.
    """
    told = _through_proxies(request.META.get("HTTP_X_FORWARDED_FOR", ""))
    return _network(told) or _network(request.META.get("REMOTE_ADDR", ""))


def _through_proxies(forwarded_for: str) -> str:
    """Each proxy adds its own peer to the right; whatever stands further left came from outside."""
    hops = forwarded_for.split(",")
    trusted = settings.TRUSTED_PROXIES
    return hops[-trusted].strip() if 0 < trusted <= len(hops) else ""


def _network(address: str) -> str | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        bits = 128 - IPV6_NETWORK_BITS
        return str(ipaddress.IPv6Address(int(parsed) >> bits << bits))
    return str(parsed)
