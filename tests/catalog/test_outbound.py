"""catalog/tools/outbound.py: which addresses a tool can reach, and how much it reads."""

import socket
import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpcore2
import httpx2
import pytest

from catalog.tools import outbound
from catalog.tools.outbound import OutboundRefused, client
from catalog.tools.public_addresses import is_public
from tests.catalog.https_server import HttpsServer, https_server

NOT_PUBLIC = (
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2002:c0a8:101::",
    "2001::1",
    "2001:db8::1",
    "3fff::1",
    "100::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "4000::1",
    "localhost",
    "",
)
PUBLIC = (
    "1.1.1.1",
    "93.184.215.14",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4003:80f::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_of_the_public_internet_is_known_as_such(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_public_internet_is_known_as_such(address: str) -> None:
    assert is_public(address)


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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsServer]:
    with https_server(tmp_path_factory.mktemp("https")) as server:
        yield server


@pytest.fixture
def reachable(server: HttpsServer, settings: Any) -> HttpsServer:
    settings.TOOL_CA_FILE = str(server.authority)
    settings.TOOL_PRIVATE_HOSTS = frozenset({f"localhost:{server.port}"})
    return server


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


async def test_a_host_that_an_operator_named_may_be_private(reachable: HttpsServer) -> None:
    answer = await get(f"{reachable.origin}/echo")
    assert answer.json()["path"] == "/echo"


async def test_another_port_of_that_host_may_not(reachable: HttpsServer) -> None:
    with pytest.raises(OutboundRefused):
        await get("https://localhost:9/")


async def test_the_certificate_is_checked_for_the_name_over_the_pinned_connection(
    reachable: HttpsServer, names: Names, settings: Any
) -> None:
    settings.TOOL_PRIVATE_HOSTS = frozenset({"tools.example", "other.example"})
    names.answers = [["127.0.0.1"]]
    answer = await get(f"https://tools.example:{reachable.port}/echo")
    assert answer.json()["sni"] == "tools.example"
    assert answer.json()["headers"]["Host"] == f"tools.example:{reachable.port}"
    assert (names.asked, names.connected_to) == (["tools.example"], ["127.0.0.1"])
    with pytest.raises(httpx2.ConnectError, match="certificate"):
        await get(f"https://other.example:{reachable.port}/echo")


async def test_the_name_to_check_cannot_be_chosen_by_a_request(reachable: HttpsServer) -> None:
    async with client() as browser:
        answer = await browser.get(
            f"{reachable.origin}/echo", extensions={"sni_hostname": "tools.example"}
        )
    assert answer.json()["sni"] == "localhost"


async def test_a_certificate_of_nobody_known_is_refused(
    reachable: HttpsServer, settings: Any
) -> None:
    settings.TOOL_CA_FILE = ""
    with pytest.raises(httpx2.ConnectError, match="certificate"):
        await get(f"{reachable.origin}/echo")


async def test_redirects_are_not_followed(reachable: HttpsServer) -> None:
    answer = await get(f"{reachable.origin}/redirect")
    assert answer.status_code == 302


async def test_proxies_of_the_environment_are_ignored(
    reachable: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await get(f"{reachable.origin}/echo")).status_code == 200


async def test_sixty_four_kibibytes_are_read_and_not_one_byte_more(reachable: HttpsServer) -> None:
    assert len((await get(f"{reachable.origin}/size/65536")).content) == 65_536
    with pytest.raises(OutboundRefused, match="64 KiB"):
        await get(f"{reachable.origin}/size/65537")


@pytest.mark.parametrize("page", ["endless", "bomb"])
async def test_an_answer_without_end_is_given_up_at_once(reachable: HttpsServer, page: str) -> None:
    async with client(20.0) as browser:
        await browser.get(f"{reachable.origin}/echo")
        started = time.monotonic()
        with pytest.raises(OutboundRefused, match="64 KiB"):
            await browser.get(f"{reachable.origin}/{page}")
    assert time.monotonic() - started < 10.0


async def test_a_packed_answer_is_unpacked(reachable: HttpsServer) -> None:
    assert (await get(f"{reachable.origin}/gzip")).json() == {"packed": True}


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
    reachable: HttpsServer, page: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await get(f"{reachable.origin}/{page}")


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
