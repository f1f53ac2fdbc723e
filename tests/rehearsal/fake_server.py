"""A tiny voice server and a tiny Twilio REST stand-in, for tests of the simulated caller."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from twilio.request_validator import RequestValidator

from rehearsal.caller import Target

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "fictional-token"
PUBLIC_BASE_URL = "https://voice.example.org"
TONE = b"\x10\x90" * 80  # 20 ms, loud
CONNECT = (
    f'<Response><Connect action="{PUBLIC_BASE_URL}/stream-ended"><Stream '
    'url="wss://voice.example.org/media-stream" '
    f'statusCallback="{PUBLIC_BASE_URL}/stream-status">'
    '<Parameter name="token" value="abc"/></Stream></Connect></Response>'
)


@dataclass(eq=False)
class Socket:
    """The server's end of a media stream."""

    ws: web.WebSocketResponse
    server: "FakeServer"
    received: list[dict] = field(default_factory=list)
    start: dict = field(default_factory=dict)

    async def next(self, event: str) -> dict:
        """The next message of this kind; the ones before it are kept in `received`."""
        async with asyncio.timeout(10):
            while True:
                message = json.loads((await self.ws.receive()).data)
                self.received.append(message)
                if message["event"] == event:
                    return message

    async def next_speech(self) -> None:
        """The caller begins to speak."""
        silence = base64.b64encode(b"\xff" * 160).decode()
        while (await self.next("media"))["media"]["payload"] == silence:
            pass

    async def next_silence(self) -> None:
        silence = base64.b64encode(b"\xff" * 160).decode()
        while (await self.next("media"))["media"]["payload"] != silence:
            pass

    @property
    def stream_sid(self) -> str:
        return self.start["streamSid"]

    async def say(self, audio: bytes) -> None:
        payload = base64.b64encode(audio).decode()
        await self.send(
            {"event": "media", "streamSid": self.stream_sid, "media": {"payload": payload}}
        )

    async def mark(self, name: str) -> None:
        await self.send({"event": "mark", "streamSid": self.stream_sid, "mark": {"name": name}})

    async def clear(self) -> None:
        await self.send({"event": "clear", "streamSid": self.stream_sid})

    async def send(self, message: object) -> None:
        await self.ws.send_str(json.dumps(message))

    async def drain(self) -> None:
        """Read until the caller's end closes."""
        async for message in self.ws:
            self.received.append(json.loads(message.data))


Behaviour = Callable[[Socket], Awaitable[None]]


@dataclass(eq=False)
class FakeServer:
    """Checks every signature against its public address, and behaves as the test says."""

    behave: Behaviour
    twiml: str = ""
    action_twiml: str = "<Response><Hangup/></Response>"
    whisper_twiml: str = "<Response><Say>A caller.</Say></Response>"
    dial_ended_twiml: str = "<Response><Hangup/></Response>"
    webhook_status: int = 200
    webhook_seconds: float = 0.0  # how long the webhook takes
    fallback_twiml: str = "<Response><Say>Call again.</Say><Hangup/></Response>"
    action_twimls: list[str] = field(default_factory=list)  # answers in turn, then action_twiml
    awaits_start: bool = True
    base_url: str = ""
    sockets: list[Socket] = field(default_factory=list)
    posts: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    calls: dict[str, str] = field(default_factory=dict)  # status over REST, by call SID
    updates: dict[str, list[dict]] = field(default_factory=dict)  # asked for over REST
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def target(self, *, auth_token: str = AUTH_TOKEN) -> Target:
        return Target(self.base_url, PUBLIC_BASE_URL, self.base_url, ACCOUNT_SID, auth_token)

    def posted(self, path: str) -> list[dict[str, str]]:
        return [form for posted_path, form in self.posts if posted_path == path]

    async def change_call(self, status: str, twiml: str = "") -> None:
        """What the server would ask of Twilio's REST API, for its only call."""
        async with self.changed:
            (sid,) = self.calls
            self.calls[sid] = status
            self.updates.setdefault(sid, []).append({"status": None, "twiml": twiml or None})
            self.changed.notify_all()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/incoming-call", self._incoming)
        app.router.add_post(
            "/{path:call-status|stream-status|stream-ended|whisper|dial-ended|next|fallback}",
            self._callback,
        )
        app.router.add_get("/{path:clip|page|empty}", self._clip)
        app.router.add_get("/media-stream", self._socket)
        app.router.add_put("/rehearsal/calls/{sid}", self._put_call)
        app.router.add_get("/rehearsal/calls/{sid}", self._get_call)
        return app

    def _signed(self, url: str, form: dict[str, str], request: web.Request) -> bool:
        given = request.headers.get("X-Twilio-Signature", "")
        return RequestValidator(AUTH_TOKEN).validate(url, form, given)

    async def _form(self, request: web.Request) -> dict[str, str]:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._signed(PUBLIC_BASE_URL + request.path_qs, form, request):
            raise web.HTTPForbidden
        self.posts.append((request.path, form))
        return form

    async def _incoming(self, request: web.Request) -> web.Response:
        await self._form(request)
        await asyncio.sleep(self.webhook_seconds)
        twiml = self.twiml or CONNECT
        return web.Response(text=twiml, status=self.webhook_status, content_type="text/xml")

    async def _callback(self, request: web.Request) -> web.Response:
        await self._form(request)
        own = {
            "/whisper": self.whisper_twiml,
            "/dial-ended": self.dial_ended_twiml,
            "/fallback": self.fallback_twiml,
        }
        text = own.get(request.path, self.action_twiml)
        if request.path == "/stream-ended" and self.action_twimls:
            text = self.action_twimls.pop(0)
        return web.Response(text=text, content_type="text/xml")

    async def _clip(self, request: web.Request) -> web.Response:
        if not self._signed(PUBLIC_BASE_URL + request.path_qs, {}, request):
            raise web.HTTPForbidden
        kinds = {"/clip": "audio/wav", "/empty": "audio/wav", "/page": "text/html"}
        body = b"" if request.path == "/empty" else b"RIFF"
        return web.Response(body=body, content_type=kinds[request.path])

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        if not self._signed("wss://voice.example.org/media-stream", {}, request):
            raise web.HTTPForbidden
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        socket = Socket(ws, self)
        self.sockets.append(socket)
        if self.awaits_start:
            socket.start = await socket.next("start")
        await self.behave(socket)
        await ws.close()
        return ws

    async def _put_call(self, request: web.Request) -> web.Response:
        self.calls[request.match_info["sid"]] = (await request.json())["status"]
        return web.json_response({})

    async def _get_call(self, request: web.Request) -> web.Response:
        sid, known = request.match_info["sid"], request.query["known"]
        seen = int(request.query["updates_seen"])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(float(request.query["wait_seconds"])), self.changed:
                await self.changed.wait_for(
                    lambda: self.calls[sid] != known or len(self.updates.get(sid, [])) > seen
                )
        return web.json_response({"status": self.calls[sid], "updates": self.updates.get(sid, [])})


@asynccontextmanager
async def running(server: FakeServer) -> AsyncIterator[FakeServer]:
    runner = web.AppRunner(server.application(), shutdown_timeout=1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.base_url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
