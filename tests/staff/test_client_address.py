"""Which address counts: never one that anybody can make up."""

import pytest
from django.test import RequestFactory, override_settings

from staff.client_address import client_address

PEER = "203.0.113.7"


def address(forwarded_for: str | None = None, peer: str = PEER) -> str | None:
    headers = {} if forwarded_for is None else {"X-Forwarded-For": forwarded_for}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))


def test_a_header_is_not_believed_without_a_proxy() -> None:
    assert address("192.0.2.1") == PEER
    assert address("192.0.2.1, 192.0.2.2") == PEER


@override_settings(TRUSTED_PROXIES=1)
def test_behind_a_proxy_it_is_the_last_that_the_proxy_wrote() -> None:
    assert address("192.0.2.1") == "192.0.2.1"
    assert address("made.up, 10.0.0.1, 192.0.2.1") == "192.0.2.1"


@override_settings(TRUSTED_PROXIES=2)
def test_behind_two_proxies_it_is_the_last_but_one() -> None:
    assert address("198.51.100.9, 192.0.2.1, 10.0.0.5") == "192.0.2.1"


@override_settings(TRUSTED_PROXIES=2)
def test_what_did_not_come_through_the_proxies_is_its_own_address() -> None:
    assert address("192.0.2.1") == PEER
    assert address() == PEER


@override_settings(TRUSTED_PROXIES=1)
@pytest.mark.parametrize("nonsense", ["unknown", "", "192.0.2.1:4711", "1" * 5_000, "::x"])
def test_nonsense_in_the_header_is_not_an_address(nonsense: str) -> None:
    assert address(nonsense) == PEER


def test_an_ipv6_address_is_that_of_its_network() -> None:
    """Whoever has one of 2^64 has them all."""
    assert address(peer="2001:db8:1:2:aaaa::1") == address(peer="2001:db8:1:2:bbbb::2")
    assert address(peer="2001:db8:1:2:aaaa::1") != address(peer="2001:db8:1:3:aaaa::1")
    assert address(peer="::ffff:192.0.2.1") == "192.0.2.1"


def test_a_unix_socket_has_none() -> None:
    assert address(peer="") is None
