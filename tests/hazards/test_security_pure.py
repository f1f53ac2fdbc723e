"""H46, H49, H50, H52: where tools may reach, what is escaped, who hears a recording, who asks."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx2
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client

from calls import twiml
from catalog.tools.outbound import OutboundRefused, client
from tests.calls.recording.rows import recorded_call
from tests.catalog.https_server import HttpsServer
from tests.catalog.test_outbound import Names, get
from tests.servers.running_server import ROOT
from tests.voiceagent.settings_process import read_settings

PRIVATE = (
    "https://127.0.0.1:9/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fd00::1]/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "http://example.org/",
)
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "a-secret-of-this-test-" * 4,
    "PUBLIC_BASE_URL": "https://voice.example.org",
    "TRUSTED_PROXIES": "1",
    "TWILIO_ACCOUNT_SID": "AC0",
    "TWILIO_AUTH_TOKEN": "0",
    "OPENAI_API_KEY": "0",
    "CARTESIA_API_KEY": "0",
    "METRICS_TOKEN": "0",
}


async def test_h46_a_tool_reaches_no_address_inside(
    monkeypatch: pytest.MonkeyPatch, tool_server: HttpsServer
) -> None:
    for url in PRIVATE:
        with pytest.raises((OutboundRefused, httpx2.InvalidURL)):
            await get(url)
    assert (await get(f"{tool_server.origin}/redirect")).status_code == 302, "and not followed"
    began = time.monotonic()
    with pytest.raises(OutboundRefused, match="64 KiB"):
        async with client(20.0) as browser:
            await browser.get(f"{tool_server.origin}/endless")
    assert time.monotonic() - began < 10.0
    names = Names(monkeypatch)
    names.answers = [["1.1.1.1"], ["127.0.0.1"]]  # a name that flips
    with pytest.raises(httpx2.ConnectError):
        await get("https://rebinding.example/")
    with pytest.raises(OutboundRefused):
        await get("https://rebinding.example/")
    assert names.connected_to == ["1.1.1.1"]


def test_h49_markup_in_a_name_stays_text() -> None:
    hostile = 'Ann</Say><Hangup/><Dial>+1900</Dial>"/>&'
    answer = twiml.StreamAnswer("wss://h/p", "https://h/e", f"https://h/s?n={hostile}", hostile)
    for document in (twiml.connect_stream(answer), twiml.say(hostile, "en")):
        response = ElementTree.fromstring(document)
        assert not [it for it in response.iter() if it.tag in {"Hangup", "Dial"}]
        assert hostile in str([(it.text, *it.attrib.values()) for it in response.iter()])


@pytest.mark.django_db
def test_h50_a_recording_is_for_who_may_hear_it(
    settings: Any, tmp_path: Path, client: Client, admin_client: Client
) -> None:
    settings.RECORDING_DIR = tmp_path
    storages._storages.clear()  # type: ignore[attr-defined]
    call = recorded_call()
    storages["recordings"].save(call.recording, ContentFile(b"sound" * 100))
    address = f"/admin/calls/call/{call.pk}/recording"
    assert client.get(address).status_code == 302, "to the log-in"
    client.force_login(User.objects.create_user("ines", is_staff=True))
    assert client.get(address).status_code == 403
    heard = admin_client.get(address)
    assert heard.status_code == 200 and "private" in heard["Cache-Control"]
    (tmp_path.parent / "outside.mp3").write_bytes(b"secret")
    for name in ("../outside.mp3", str(tmp_path.parent / "outside.mp3"), "x/../../outside.mp3"):
        type(call).objects.filter(pk=call.pk).update(recording=name)
        strayed = admin_client.get(address)
        assert strayed.status_code in {400, 404} and b"secret" not in strayed.content


def test_h52_a_server_in_production_is_strict() -> None:
    names = ("DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    found = read_settings(*names, **PRODUCTION)
    assert found == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["voice.example.org", "localhost", "127.0.0.1"],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
    }
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**os.environ, **PRODUCTION, "SECRET_KEY": os.urandom(40).hex()},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stderr
    stranger = Client(enforce_csrf_checks=True)
    refused = stranger.post("/incoming-call", {"CallSid": "CA1"})
    assert refused.status_code == 403 and b"CSRF" not in refused.content, "it is not signed"
    assert stranger.get("/admin/login/", headers={"host": "attacker.example"}).status_code == 400
