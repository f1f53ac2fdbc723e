"""Is an IP address one of the public internet? Pure."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Not public, whatever this version of Python says: a relay to 6to4, and examples in documents.
_NOT_PUBLIC_4 = IPv4Network("192.88.99.0/24")
_NOT_PUBLIC_6 = IPv6Network("3fff::/20")


def is_public(address: str) -> bool:
    """False as well for what is no address, and for an IPv6 form of a private IPv4 address."""
    try:
        parsed = _without_wrapping(ip_address(address))
    except ValueError:
        return False
    if not parsed.is_global or parsed.is_multicast or parsed.is_reserved:
        return False
    if isinstance(parsed, IPv4Address):
        return parsed not in _NOT_PUBLIC_4
    return parsed in _GLOBAL_UNICAST and parsed not in _NOT_PUBLIC_6


def _without_wrapping(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that packets to this one end at, if that is how they travel."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
