"""What callers hear whom no line is free for, and what becomes of their wish to be called back."""

import dataclasses
from typing import Any
from xml.etree import ElementTree

import pytest

from calls import busy
from calls.busy import all_lines_busy, cut_off_for_good, digest
from calls.happenings import Milestone
from catalog import mulaw
from catalog import warmup as catalog_warmup
from catalog.snapshot import ClipAudio, OpenInterval, TransferTarget
from catalog.spoken_fallbacks import Moment, fallback
from tests.calls.conftest import PostedHappenings
from tests.calls.fake_twilio import INCOMING, FakeTwilio, verbs
from tests.calls.samples import CALL_SID, OTHER_CALL_SID, agent, catalog, clip

MARIA = TransferTarget(name="", number="+351200000099")


def told(document: str) -> list[tuple[str, str]]:
    return [
        (verb.tag, "".join(verb.itertext()).strip()) for verb in ElementTree.fromstring(document)
    ]


def test_a_person_is_dialled_when_one_works_now() -> None:
    said = told(all_lines_busy(agent(transfer_targets=(MARIA,))))
    assert said == [
        ("Say", "I am sorry, all our lines are busy at the moment."),
        ("Dial", "+351200000099"),
    ]


def test_outside_the_hours_nobody_is_dialled() -> None:
    never = (OpenInterval(weekday=7, opens_minute=0, closes_minute=1),)
    said = told(all_lines_busy(agent(transfer_targets=(MARIA,), hours=never)))
    assert [tag for tag, _ in said] == ["Say", "Gather", "Say", "Hangup"]


def test_the_offer_to_call_back_can_be_left_out() -> None:
    said = told(all_lines_busy(agent(offer_call_back=False)))
    assert [tag for tag, _ in said] == ["Say", "Say", "Hangup"]


@pytest.mark.parametrize(
    ("language", "voice", "sentence"),
    [
        ("pt", "pt-PT", "Peço desculpa, todas as nossas linhas estão ocupadas neste momento."),
        ("pt-BR", "pt-BR", "Desculpe, todas as nossas linhas estão ocupadas no momento."),
        ("tlh", "en-US", "I am sorry, all our lines are busy at the moment."),
    ],
)
def test_it_is_said_in_the_agents_language(language: str, voice: str, sentence: str) -> None:
    first = ElementTree.fromstring(all_lines_busy(agent(language=language)))[0]
    assert (first.text, first.get("language")) == (sentence, voice)


async def test_the_busy_clip_is_played_from_memory_and_no_other_clip_can_be_fetched(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, settings: Any, posted: PostedHappenings
) -> None:
    audio = mulaw.encode(bytes(range(256)) * 50)
    busy_clip = dataclasses.replace(clip(), mulaw=audio)
    monkeypatch.setattr(
        catalog_warmup,
        "current",
        lambda: catalog(default=agent(busy_clip=busy_clip, greeting_clip=clip(700))),
    )
    settings.MAX_CONCURRENT_CALLS = 1
    await twilio.post("/incoming-call", INCOMING)
    answer = await twilio.post("/incoming-call", {**INCOMING, "CallSid": OTHER_CALL_SID})
    address = ElementTree.fromstring(answer.text)[0].text or ""
    played = await twilio.request("GET", address.removeprefix(settings.PUBLIC_BASE_URL))
    assert (played.status_code, played.headers["content-type"]) == (200, "audio/wav")
    assert played.content.endswith(mulaw.decode(audio))
    other = await twilio.request("GET", f"/busy-clip/{digest(clip(700))}.wav")
    assert other.status_code == 404


def test_clips_are_hashed_once_for_each_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody may ask for a clip, and all of a catalog's take milliseconds."""
    hashed = []

    def counted(one: ClipAudio) -> str:
        hashed.append(one)
        return digest(one)

    monkeypatch.setattr(busy, "digest", counted)
    first, second = catalog(default=agent(busy_clip=clip())), catalog(default=agent())
    assert busy.clip_with(digest(clip()), first) == clip()
    once = len(hashed)
    assert busy.clip_with("made-up", first) is None
    assert len(hashed) == once
    assert busy.clip_with(digest(clip()), second) is None, "it is not in the newest catalog"


async def test_the_vendors_plan_is_a_limit_as_well(
    twilio: FakeTwilio, settings: Any, posted: PostedHappenings
) -> None:
    settings.PROVIDER_CALLS = 1
    assert verbs(await twilio.post("/incoming-call", INCOMING))[0][0] == "Connect"
    second = await twilio.post("/incoming-call", {**INCOMING, "CallSid": OTHER_CALL_SID})
    assert verbs(second)[0][0] == "Say"


@pytest.mark.parametrize(("digits", "wanted"), [("1", True), ("2", False), ("", False)])
async def test_who_presses_one_is_called_back(
    twilio: FakeTwilio, posted: PostedHappenings, digits: str, wanted: bool
) -> None:
    form = {**INCOMING, "Digits": digits}
    answer = await twilio.post("/call-back?language=en", form)
    assert posted.of_type(Milestone) == [Milestone(CALL_SID, "call back wanted")] * wanted
    assert told(answer.text)[0] == (
        ("Say", "Thank you. We will call you back.") if wanted else ("Hangup", "")
    )


async def test_whose_line_broke_again_hears_an_apology_and_is_put_through(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(catalog_warmup, "current", lambda: catalog(default=agent()))
    document = cut_off_for_good(agent(transfer_targets=(MARIA,), language="pt"))
    assert told(document)[1] == ("Dial", "+351200000099")
    address = told(document)[0][1].removeprefix(settings.PUBLIC_BASE_URL)
    played = await twilio.request("GET", address)
    assert played.content.endswith(mulaw.decode(fallback(Moment.COLLEAGUE, "pt").mulaw))


async def test_with_nobody_to_put_through_to_the_agents_own_apology_is_the_end(
    twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    audio = mulaw.encode(bytes(range(256)) * 40)
    sorry = agent(apology_clip=dataclasses.replace(clip(), mulaw=audio))
    monkeypatch.setattr(catalog_warmup, "current", lambda: catalog(default=sorry))
    (_play, address), hang_up = told(cut_off_for_good(sorry))
    assert hang_up == ("Hangup", "")
    played = await twilio.request("GET", address.removeprefix(settings.PUBLIC_BASE_URL))
    assert played.content.endswith(mulaw.decode(audio))
