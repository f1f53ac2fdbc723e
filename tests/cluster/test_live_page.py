"""A page at one server shows a call that another carries, and ends it, through Redis."""

import asyncio
import re

import httpx
import websockets

from rehearsal.caller import CallScript, SimulatedCaller, WaitForAgent, WaitForHangup
from tests.browser.set_up import PASSWORD, SUPERUSER
from tests.cluster.two_servers import TwoServers
from tests.whole_call.live_page_socket import PageSocket


def cookies_of_a_login(base_url: str) -> str:
    with httpx.Client(base_url=base_url, timeout=20.0) as http:
        page = http.get("/admin/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        fields = {"csrfmiddlewaretoken": token[1], "username": SUPERUSER, "password": PASSWORD}
        http.post("/admin/login/", data=fields)
        return f"sessionid={http.cookies['sessionid']}"


async def test_a_call_at_one_server_is_watched_and_ended_at_another(cluster: TwoServers) -> None:
    address = cluster.a.base_url.replace("http", "ws", 1) + "/admin/calls/live"
    cookies = await asyncio.to_thread(cookies_of_a_login, cluster.a.base_url)
    script = CallScript("test", (WaitForAgent("finished"), WaitForHangup()), limit_seconds=40.0)
    async with websockets.connect(
        address,
        origin=websockets.Origin(cluster.a.base_url),
        additional_headers={"Cookie": cookies},
    ) as socket:
        page = PageSocket(socket)
        calling = asyncio.create_task(SimulatedCaller(cluster.b.target).call(script))
        call_sid = (await page.hear_of("call"))["call"]
        await page.hear_of("line", call=call_sid, speaker="agent")
        answer = await page.order("hang-up", call_sid)
        assert answer["done"], answer
        await page.hear_of("over", call=call_sid)
        assert (await calling).ended_by == "server-rest"
    record = await asyncio.to_thread(cluster.installation.record, call_sid)
    assert record["ended_by"] == "staff"
