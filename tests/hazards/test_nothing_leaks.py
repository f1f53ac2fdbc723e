"""Secrets of the environment are on no page, and nothing of callers is in the log, at its loudest.

One server, run as operators run it, on a database with a password. Its log is everything that the
process writes to its standard output and error.
"""

import asyncio
import json
import re
import urllib.request
from collections.abc import Iterator

import httpx2
import psycopg
import pytest
from aiohttp import ClientSession

from rehearsal.caller import (
    CONNECTED,
    CallIdentity,
    CallReport,
    CallScript,
    HangUp,
    Hear,
    MessageWriter,
    SimulatedCaller,
    Speak,
    WaitForAgent,
    WaitForHangup,
    open_stream,
)
from rehearsal.caller.incoming_call import place_call
from rehearsal.caller.script import Step
from tests.prerequisites import need_postgres
from tests.servers.canaries import (
    CALLER,
    DIALLED,
    FACT,
    NAME,
    OF_CALLERS,
    OF_THE_ENVIRONMENT,
    SAID,
    SEARCHED,
    SECRETS,
    TYPED,
    hits,
)
from tests.servers.watched_server import WatchedServer, log_in, watched_server
from tests.whole_call.own_words import OwnWords

ANSWERED = WaitForAgent("finished")
# Each makes a vendor's library complain in its own way.
FAULTS = (
    {"llm": "unauthorized", "supabase": "error"},
    {"stt": "error", "tts": "error", "twilio": "refuse"},
)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedServer]:
    need_postgres()
    with watched_server(tmp_path_factory.mktemp("watched")) as watched:
        know_the_customer(watched)
        yield watched


def know_the_customer(watched: WatchedServer) -> None:
    row = {"name": NAME, "phone": f"+{CALLER}", "language": "en", "status": "active"}
    watched.providers.backstage.tables.insert("customers", [row])


def tell_the_providers(watched: WatchedServer, what: str, document: object) -> None:
    body, headers = json.dumps(document).encode(), {"Content-Type": "application/json"}
    url = f"{watched.server.providers_url}/rehearsal/{what}"
    request = urllib.request.Request(url, body, headers, method="PUT")
    urllib.request.urlopen(request, timeout=5.0).close()


# What happens ---------------------------------------------------------------------


async def call(watched: WatchedServer, *steps: Step) -> CallReport:
    script = CallScript(
        "watched", steps, from_number=f"+{CALLER}", to_number=f"+{DIALLED}", limit_seconds=60.0
    )
    return await SimulatedCaller(watched.target).call(script)


async def calls_that_go_well(watched: WatchedServer, words: OwnWords) -> None:
    order = f'{SAID}. call add_customer_fact with {{"fact": "{FACT}"}}'
    message = f'{SAID}. call send_whatsapp_message with {{"message": "{FACT}"}}'
    said = (words.say(order), ANSWERED, words.say(message), ANSWERED)
    reports = await asyncio.gather(
        call(watched, ANSWERED, *said, HangUp()),
        call(watched, Hear(1.0), Speak("hello-question", interrupting=True), ANSWERED, HangUp()),
    )
    assert all(report.ok for report in reports), [report.failures for report in reports]
    assert FACT in str(watched.providers.backstage.tables.rows("customer_facts"))


def calls_of_every_kind(watched: WatchedServer) -> None:
    words = OwnWords(watched.providers)
    tell_the_providers(watched, "model", {"gullible": True})
    asyncio.run(calls_that_go_well(watched, words))
    tell_the_providers(watched, "model", {"gullible": False})
    for faults in FAULTS:
        tell_the_providers(watched, "faults", faults)
        asyncio.run(call(watched, ANSWERED, words.say(SAID), WaitForHangup(8.0)))
    tell_the_providers(watched, "faults", {})
    words.forget()


async def a_stream_with_a_wrong_token(watched: WatchedServer) -> str:
    """The right one, of which the log may hold nothing either."""
    identity = CallIdentity(f"+{CALLER}", f"+{DIALLED}", watched.target.account_sid)
    async with ClientSession() as http:
        verb = (await place_call(http, watched.target, identity)).stream()
        token = dict(verb.parameters)["token"]
        for shown in ("guessed", token, token):
            socket = await open_stream(watched.target, verb.url)
            writer = MessageWriter(identity, "MZ" + "5" * 32)
            await socket.send_text(CONNECTED)
            await socket.send_text(writer.start({"token": shown}))
            await asyncio.sleep(0.5)
            await socket.close()
        unsigned = f"{watched.target.base_url}/incoming-call"
        await http.post(unsigned, data=identity.form("ringing"))
    return token


def at_the_desk(watched: WatchedServer) -> None:
    with httpx2.Client(base_url=watched.server.base_url, timeout=30.0) as nobody:
        for _ in range(8):
            log_in(nobody, TYPED, TYPED)
        nobody.get(f"/admin/calls/call/?q=%2B{SEARCHED}")
        nobody.get(f"/nothing/{SEARCHED}?to=%2B{SEARCHED}")
    with watched.boss() as boss:
        for question in (f"+{SEARCHED}", SEARCHED, "marmalade", NAME):
            assert boss.get("/admin/calls/call/", params={"q": question}).status_code == 200
        boss.get("/admin/calls/call/", params={"q": SEARCHED, "ended_at__gte": "nonsense"})
        assert boss.get("/broken", params={"number": SEARCHED}).status_code == 500
        send_a_test(watched, boss)


def send_a_test(watched: WatchedServer, boss: httpx2.Client) -> None:
    page = "/admin/calls/webhook/"
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', boss.get(page).text)
    assert found is not None
    chosen = {"action": "send_a_test", "_selected_action": str(watched.webhook)}
    boss.post(page, data={**chosen, "csrfmiddlewaretoken": found[1]})
    assert watched.receiver.got, "the receiver was sent nothing"


# What is found --------------------------------------------------------------------


def test_h48_no_page_shows_a_secret(watched: WatchedServer) -> None:
    with watched.boss() as boss:
        found = {}
        opened = 0
        more = ["/healthz", "/readyz", "/metrics", "/broken", "/nothing-there", "/static/nothing"]
        for address in [*watched.addresses, *more]:
            answer = boss.get(address, follow_redirects="logout" not in address)
            opened += answer.status_code == 200
            shown = answer.text + str(answer.headers)
            found[address] = hits(shown, OF_THE_ENVIRONMENT | watched.secrets)
        token = {"Authorization": f"Bearer {SECRETS['METRICS_TOKEN']}"}
        metrics = boss.get("/metrics", headers=token)
        assert metrics.status_code == 200
        found["/metrics, with the token"] = hits(metrics.text, OF_THE_ENVIRONMENT)
    assert opened > 60
    assert {address: seen for address, seen in found.items() if seen} == {}


def test_no_row_of_the_audit_log_holds_one(watched: WatchedServer) -> None:
    with psycopg.connect(watched.database_url) as database:
        rows = database.execute("SELECT staff_auditentry::text FROM staff_auditentry").fetchall()
    assert len(rows) > 10
    assert hits(str(rows), OF_THE_ENVIRONMENT | watched.secrets) == []


def test_h47_nothing_of_callers_and_no_secret_is_logged(watched: WatchedServer) -> None:
    calls_of_every_kind(watched)
    watched.tokens["a stream"] = asyncio.run(a_stream_with_a_wrong_token(watched))
    at_the_desk(watched)
    log = watched.log
    assert " DEBUG calls" in log or " DEBUG catalog" in log, "it is as loud as it can be"
    assert "1202 ••• 186" in log, "addresses are written, and masked"
    assert hits(log, OF_CALLERS | OF_THE_ENVIRONMENT | watched.secrets | watched.tokens) == []
