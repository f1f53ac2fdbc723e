"""Handing a call over: what Twilio is told, what stays out of URLs, and what if Twilio is away."""

import asyncio
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from calls import farewell, kept_twiml, transfer, twiml
from calls.happenings import CallOver, Milestone
from calls.kept_twiml import next_kept, take
from calls.models import EndedBy
from calls.session import CallSession
from calls.session_tools import Departure, SessionTools
from calls.shared_store import StoreUnavailable
from calls.socket import Socket
from calls.timing import CallClock
from calls.transfer import (
    MAX_NAME_CHARS,
    MAX_SUMMARY_CHARS,
    HandOver,
    hand_over,
    whisper,
    whispered,
)
from catalog.tools.context import ToolError, TransferTarget
from tests.calls.conftest import PostedHappenings
from tests.calls.samples import CALL_SID, CUSTOMER, STREAM_SID, agent, ticket

BILLING = TransferTarget("Billing", "+351200000021")
AGREED = HandOver(BILLING, "Silver Birch Dental", "Maria Silva", "Has a question.", "en")


class Twilio:
    """Takes new TwiML for a call, or cannot be told; then ends the stream, or does not."""

    def __init__(self, *, answers: bool = True, closes: bool = True) -> None:
        self.told: list[dict[str, str]] = []
        self.codes: list[int] = []
        self._answers, self._closes = answers, closes
        self.socket = Socket(self._ignore, self._close)

    async def update_call(self, call_sid: str, change: dict[str, str]) -> bool:
        assert call_sid == CALL_SID
        assert not self.socket.closed.is_set(), "Twilio is told before anything is closed"
        self.told.append(change)
        if self._closes:
            asyncio.get_running_loop().call_later(0.01, self.socket.closed.set)
        return self._answers

    async def _ignore(self, _text: str) -> None: ...

    async def _close(self, code: int) -> None:
        self.codes.append(code)


class Handing:
    """A call in which a transfer was announced and heard."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, twilio: Twilio) -> None:
        monkeypatch.setattr(transfer, "update_call", twilio.update_call)
        monkeypatch.setattr(farewell, "HANG_UP_SECONDS", 0.1)
        self.tools = SessionTools(agent(transfer_targets=(BILLING,), language="pt-BR"), None)
        self.tools.customer_is(CUSTOMER)
        self.tools.handing_over = Departure("…", 0, BILLING, "Has a question.")
        self.twilio = twilio
        self.milestones: list[tuple[str, str]] = []

    async def over(self) -> None:
        async with asyncio.timeout(2.0):
            await hand_over(
                CALL_SID,
                self.twilio.socket,
                self.tools,
                lambda name, detail: self.milestones.append((name, detail)),
            )


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    asyncio.run(take(f"next:{CALL_SID}"))


def dial_of(document: str) -> ElementTree.Element:
    response = ElementTree.fromstring(document)
    assert [child.tag for child in response] == ["Dial"], "nothing stands behind it"
    return response[0]


async def test_twilio_dials_the_colleague_and_ends_the_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = Handing(monkeypatch, Twilio())
    await call.over()
    (change,) = call.twilio.told
    assert set(change) == {"twiml", "time_limit"}
    dial = dial_of(change["twiml"])
    assert (dial[0].tag, dial[0].text) == ("Number", "+351200000021")
    assert dial.attrib["answerOnBridge"] == "true"
    assert call.twilio.codes == [], "Twilio has closed the stream itself"
    assert call.milestones == [("transferred", "Billing")]
    assert await next_kept(CALL_SID) is None


async def test_what_is_whispered_is_found_once_under_a_key_that_says_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    call = Handing(monkeypatch, Twilio())
    await call.over()
    dial = dial_of(call.twilio.told[0]["twiml"])
    for personal in ("Maria", "Silva", "question"):
        assert personal not in call.twilio.told[0]["twiml"]
    (key,) = parse_qs(urlsplit(dial[0].attrib["url"]).query)["key"]
    assert len(key) >= 22
    said = ElementTree.fromstring(await whisper(key) or "")
    assert [child.tag for child in said] == ["Say"]
    assert said[0].text == "Silver Birch Dental. Maria Silva. Has a question."
    assert said[0].attrib == {"language": "pt-BR", "voice": "Polly.Camila"}
    assert await whisper(key) is None
    assert await whisper("") is None


@pytest.mark.parametrize(
    ("answers", "closes"),
    [(False, False), (True, False)],
    ids=["Twilio cannot be told", "Twilio forgets the stream"],
)
async def test_the_closed_socket_takes_the_call_on_when_twilio_does_not(
    monkeypatch: pytest.MonkeyPatch, answers: bool, closes: bool
) -> None:
    call = Handing(monkeypatch, Twilio(answers=answers, closes=closes))
    await call.over()
    assert call.twilio.codes == [1000]
    assert call.milestones == [("transferred", "Billing")]
    assert await next_kept(CALL_SID) == call.twilio.told[0]["twiml"]
    assert await next_kept(CALL_SID) == call.twilio.told[0]["twiml"], "Twilio may ask twice"


class AwayStore:
    async def put(self, key: str, value: str, ttl_seconds: float) -> None:
        raise StoreUnavailable

    async def take(self, key: str) -> str | None:
        raise StoreUnavailable

    async def read(self, key: str) -> str | None:
        raise StoreUnavailable


@pytest.mark.parametrize("answers", [True, False])
async def test_it_transfers_without_a_whisper_when_the_store_is_away(
    monkeypatch: pytest.MonkeyPatch, answers: bool
) -> None:
    call = Handing(monkeypatch, Twilio(answers=answers, closes=answers))
    monkeypatch.setattr(kept_twiml, "shared_store", AwayStore)
    await call.over()
    dial = dial_of(call.twilio.told[0]["twiml"])
    assert "url" not in dial[0].attrib
    assert call.milestones == [("transferred" if answers else "transfer failed", "Billing")]
    assert call.twilio.socket.closed.is_set()
    assert await whisper("a-key") is None and await next_kept(CALL_SID) is None


async def test_a_caller_who_was_quicker_than_the_transfer_has_ended_the_call(
    monkeypatch: pytest.MonkeyPatch, posted: PostedHappenings
) -> None:
    """They hang up between the announcement and the dialling: nobody is dialled."""
    twilio = Twilio()
    monkeypatch.setattr(transfer, "update_call", twilio.update_call)
    spec = agent(transfer_targets=(BILLING,))
    call = CallSession(ticket(agent=spec), STREAM_SID, twilio.socket, CallClock())
    call._tools.handing_over = Departure("…", 0, BILLING, "Has a question.")
    call.end(EndedBy.TRANSFER)
    call.gone(twilio.socket, cleanly=True)
    await call._finish()
    assert [over.ended_by for over in posted.of_type(CallOver)] == [EndedBy.CALLER]  # type: ignore[union-attr]
    assert twilio.told == []
    assert posted.of_type(Milestone) == []


async def test_a_forged_target_is_refused_by_the_session() -> None:
    tools = SessionTools(agent(transfer_targets=(BILLING,)), None)
    for forged in (
        TransferTarget("Billing", "+19005550100"),
        TransferTarget("Somebody", BILLING.number),
        TransferTarget("", "+19005550100"),
    ):
        with pytest.raises(ToolError):
            await tools.transfer(forged, "One moment.", "")
    assert tools.departures.empty() and not tools.leaving


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"caller_name": ""}, "Silver Birch Dental. Has a question."),
        ({"caller_name": "", "summary": " \n"}, "Silver Birch Dental."),
        ({"business_name": "Who?"}, "Who? Maria Silva. Has a question."),
        ({"summary": "Two\nlines\x00 \u202eand a trick"}, None),
    ],
)
def test_it_whispers_one_line(changes: dict[str, str], line: str | None) -> None:
    values = {name: getattr(AGREED, name) for name in HandOver.__dataclass_fields__}
    said = whispered(HandOver(**{**values, **changes}))
    assert said == (line or "Silver Birch Dental. Maria Silva. Two lines and a trick.")


@hypothesis_settings(deadline=None)
@given(st.text(), st.text(), st.text(max_size=2_000))
def test_whatever_is_whispered_is_one_bounded_sentence_of_twiml(
    business: str, name: str, summary: str
) -> None:
    document = twiml.say(whispered(HandOver(BILLING, business, name, summary, "en")), "en")
    (said,) = ElementTree.fromstring(document)
    assert said.tag == "Say" and len(said) == 0
    text = said.text or ""
    assert len(text) <= 2 * MAX_NAME_CHARS + MAX_SUMMARY_CHARS + 5
    assert "\n" not in text and text == text.strip()
