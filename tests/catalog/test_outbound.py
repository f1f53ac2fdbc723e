"""catalog/tools/outbound.py: which addresses a tool can reach, and how much it reads."""

import socket
import time
from collections.abc import Sequence
from typing import Any

import httpcore2
import httpx2
import pytest

from catalog.tools import outbound
from catalog.tools.outbound import OutboundRefused, client
from catalog.tools.public_addresses import is_public
from tests.catalog.https_server import HttpsServer
from tests.catalog.test_public_addresses import NOT_PUBLIC


class Names:
    """A name server whose answers a test decides; each look-up takes the next of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[Sequence[str]] = []
        self.asked: list[str] = []
        self.connected_to: list[str] = []
        real = httpcore2.AnyIOBackend.connect_tcp

        def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
            self.asked.append(host)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if not answer:
                raise socket.gaierror("not known")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in answer]

        async def connect_tcp(
            backend: httpcore2.AnyIOBackend, host: str, *args: Any, **rest: Any
        ) -> httpcore2.AsyncNetworkStream:
            self.connected_to.append(host)
            if is_public(host):
                raise httpcore2.ConnectError("no network in tests")
            return await real(backend, host, *args, **rest)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        monkeypatch.setattr(httpcore2.AnyIOBackend, "connect_tcp", connect_tcp)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


async def get(url: str, **options: Any) -> httpx2.Response:
    async with client(**options) as browser:
        return await browser.get(url)


@pytest.mark.parametrize("address", [ip for ip in NOT_PUBLIC if ip not in ("", "localhost")])
async def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    names: Names, address: str
) -> None:
    names.answers = [[address]]
    with pytest.raises(OutboundRefused, match="not on the public internet"):
        await get("https://innocent.example/")
    assert names.connected_to == []


async def test_of_several_addresses_only_the_public_ones_are_connected_to(names: Names) -> None:
    names.answers = [["10.0.0.1", "1.1.1.1", "::1", "8.8.8.8"]]
    with pytest.raises(httpx2.ConnectError):
        await get("https://mixed.example/")
    assert names.connected_to == ["1.1.1.1", "8.8.8.8"]
    assert names.asked == ["mixed.example"]


async def test_a_name_is_looked_up_once_so_a_second_answer_changes_nothing(names: Names) -> None:
    names.answers = [["1.1.1.1"], ["127.0.0.1"]]
    with pytest.raises(httpx2.ConnectError):
        await get("https://rebinding.example/")
    assert names.connected_to == ["1.1.1.1"]
    with pytest.raises(OutboundRefused):
        await get("https://rebinding.example/")
    assert names.connected_to == ["1.1.1.1"]
    assert names.asked == ["rebinding.example"] * 2


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "[::1]", "0", "LOCALHOST"],
)
async def test_a_loopback_address_in_disguise_is_refused(host: str) -> None:
    with pytest.raises((OutboundRefused, httpx2.InvalidURL)):
        await get(f"https://{host}:9/")


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://example.org/", "file:///etc/passwd"])
async def test_only_https_goes_out(names: Names, url: str) -> None:
    with pytest.raises((OutboundRefused, httpx2.UnsupportedProtocol)):
        await get(url)
    assert names.asked == []


async def test_a_host_that_an_operator_named_may_be_private(server: HttpsServer) -> None:
    answer = await get(f"{server.origin}/echo")
    assert answer.json()["path"] == "/echo"


async def test_another_port_of_that_host_may_not(server: HttpsServer) -> None:
    with pytest.raises(OutboundRefused):
        await get("https://localhost:9/")


async def test_the_certificate_is_checked_for_the_name_over_the_pinned_connection(
    server: HttpsServer, names: Names, settings: Any
) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset({"tools.example", "other.example"})
    names.answers = [["127.0.0.1"]]
    answer = await get(f"https://tools.example:{server.port}/echo")
    assert answer.json()["sni"] == "tools.example"
    assert answer.json()["headers"]["Host"] == f"tools.example:{server.port}"
    assert (names.asked, names.connected_to) == (["tools.example"], ["127.0.0.1"])
    with pytest.raises(httpx2.ConnectError, match="certificate"):
        await get(f"https://other.example:{server.port}/echo")


async def test_the_name_to_check_cannot_be_chosen_by_a_request(server: HttpsServer) -> None:
    async with client() as browser:
        answer = await browser.get(
            f"{server.origin}/echo", extensions={"sni_hostname": "tools.example"}
        )
    assert answer.json()["sni"] == "localhost"


async def test_a_certificate_of_nobody_known_is_refused(server: HttpsServer, settings: Any) -> None:
    settings.TOOL_CA_FILE = ""
    with pytest.raises(httpx2.ConnectError, match="certificate"):
        await get(f"{server.origin}/echo")


async def test_redirects_are_not_followed(server: HttpsServer) -> None:
    answer = await get(f"{server.origin}/redirect")
    assert answer.status_code == 302


async def test_proxies_of_the_environment_are_ignored(
    server: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await get(f"{server.origin}/echo")).status_code == 200


async def test_sixty_four_kibibytes_are_read_and_not_one_byte_more(server: HttpsServer) -> None:
    assert len((await get(f"{server.origin}/size/65536")).content) == 65_536
    with pytest.raises(OutboundRefused, match="64 KiB"):
        await get(f"{server.origin}/size/65537")


@pytest.mark.parametrize("page", ["endless", "bomb"])
async def test_an_answer_without_end_is_given_up_at_once(server: HttpsServer, page: str) -> None:
    async with client(20.0) as browser:
        await browser.get(f"{server.origin}/echo")
        started = time.monotonic()
        with pytest.raises(OutboundRefused, match="64 KiB"):
            await browser.get(f"{server.origin}/{page}")
    assert time.monotonic() - started < 10.0


async def test_a_packed_answer_is_unpacked(server: HttpsServer) -> None:
    assert (await get(f"{server.origin}/gzip")).json() == {"packed": True}


@pytest.mark.parametrize(
    ("page", "error"),
    [
        ("halved", httpx2.DecodingError),
        ("brotli", OutboundRefused),
        ("twice", OutboundRefused),
        ("drop", httpx2.HTTPError),
    ],
)
async def test_a_damaged_answer_is_an_error_of_this_boundary(
    server: HttpsServer, page: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await get(f"{server.origin}/{page}")


async def test_a_name_server_that_does_not_answer_costs_no_more_than_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1.5))
    started = time.monotonic()
    with pytest.raises(httpx2.ConnectTimeout):
        await get("https://slow.example/", timeout_seconds=0.2)
    assert time.monotonic() - started < 1.0


async def test_a_name_that_nobody_knows_is_an_error_of_this_boundary(names: Names) -> None:
    names.answers = [[]]
    with pytest.raises(httpx2.ConnectError):
        await get("https://nowhere.example/")


def test_an_answer_is_asked_for_unpacked() -> None:
    assert outbound.client().headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("named", "url", "allowed"),
    [
        ("crm.local", "http://CRM.local/", True),
        ("crm.local", "https://crm.local:8443/", True),
        ("crm.local:80", "http://crm.local/", True),
        ("crm.local:80", "http://crm.local:8080/", False),
        ("crm.local", "http://crm.local.example.org/", False),
        ("crm.local", "http://evil-crm.local/", False),
        ("[::1]:9", "http://[::1]:9/", True),
        ("[::1]:9", "http://[::1]/", False),
        ("crm.local", "ftp://crm.local/", False),
        ("crm.local", "https://", False),
    ],
)
def test_hosts_are_allowed_by_their_whole_name(
    settings: Any, named: str, url: str, allowed: bool
) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset({named})
    assert (outbound.refusal(httpx2.URL(url)) is None) is allowed
