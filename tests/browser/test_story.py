"""The whole story: what an editor does in a browser is what the next caller hears."""

import logging
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.at_work import AtWork
from tests.browser.site import StoredRecording
from tests.browser.speech import mp3, said_to_the_microphone
from tests.browser.telephone import HeardCall, call
from tests.catalog.measuring import Signal, correlation, resampled

logger = logging.getLogger(__name__)

ROLE = "all"
CLIP = "Autumn greeting"
WORDS = "It was the best of times, it was the worst of times."
RECORD_SECONDS = 3.0


def next_call(at_work: AtWork, folder: Path) -> HeardCall:
    at_work.site.wait_until_served()
    return call(at_work.site.server.target, folder)


def assert_heard(heard: HeardCall, recording: StoredRecording) -> None:
    assert recording.was_published
    assert heard.has_exactly(recording.mulaw), "every sample, in order, nothing in between"
    agreement = heard.correlates_with(recording.mulaw)
    logger.info("What was heard agrees with what was published: %.4f.", agreement)
    assert agreement > 0.95


def upload(at_work: AtWork, sound: bytes) -> None:
    page = at_work.visit("/admin/catalog/clip/add/")
    page.locator("#id_name").fill(CLIP)
    page.locator("#id_recording").set_input_files(
        {"name": "autumn.mp3", "mimeType": "audio/mpeg", "buffer": sound}
    )
    page.locator("#id_text").fill(WORDS)
    at_work.save()
    expect(page.get_by_text("Version 1 is a draft. Listen to it, then publish it.")).to_be_visible()


def look_and_listen(at_work: AtWork) -> None:
    """The draft's waveform is there, and colours while the draft plays."""
    card = at_work.page.locator(".va-card-draft")
    wave = card.get_by_role("img", name=re.compile("Waveform of 4.0 seconds"))
    expect(wave).to_be_visible()
    assert len(wave.locator("path").first.get_attribute("d") or "") > 1_000
    heard = card.locator("audio[data-heard]")
    expect(heard).to_have_js_property("readyState", 4)
    assert heard.evaluate("audio => audio.duration") == pytest.approx(4.0, abs=0.1)
    before = card.locator(".va-wave-played").evaluate("it => getComputedStyle(it).clipPath")
    wave.click()
    expect(card.locator(".va-wave-played")).not_to_have_css("clip-path", before)
    original = card.get_by_label("The original")
    original.evaluate("audio => audio.play()")
    expect(original).not_to_have_js_property("currentTime", 0)


def publish_draft(at_work: AtWork) -> None:
    at_work.page.locator(".va-card-draft").get_by_role("button", name="Publish").click()


def greet_with(at_work: AtWork, clip: str) -> None:
    page = at_work.open_agent()
    page.locator("#id_greeting_clip").select_option(label=clip)
    at_work.save()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def record(at_work: AtWork) -> None:
    """Somebody speaks into the microphone for a few seconds, and saves it as it is."""
    page = at_work.open_clip(CLIP)
    recorder = page.locator("[data-recorder]")
    recorder.get_by_role("button", name="Record with the microphone").click()
    expect(recorder.get_by_role("button", name="Stop")).to_be_focused()
    time = recorder.locator("[data-time]")
    expect(time).to_have_text(re.compile(rf"^{RECORD_SECONDS:.0f}\.\d s / 60 s"))
    recorder.get_by_role("button", name="Stop").click()
    expect(recorder.get_by_label("What was recorded")).to_be_visible()
    at_work.save()
    expect(page.get_by_text("Version 2 is a draft.")).to_be_visible()


def at_telephone_rate() -> Signal:
    samples, rate = said_to_the_microphone()
    return resampled(samples.astype("float64"), rate)


def test_callers_hear_what_an_editor_uploads_records_and_rolls_back_to(
    at_work: AtWork, tmp_path: Path
) -> None:
    site, page = at_work.site, at_work.page
    upload(at_work, mp3())
    look_and_listen(at_work)
    publish_draft(at_work)
    expect(page.get_by_text("No agent uses it yet")).to_be_visible()
    greet_with(at_work, CLIP)
    uploaded, revision = site.newest_recording(CLIP), site.newest_revision()
    assert (uploaded.version, uploaded.source, uploaded.text) == (1, "upload", WORDS)
    assert (site.media / uploaded.original).read_bytes() == mp3()
    assert_heard(next_call(at_work, tmp_path), uploaded)

    record(at_work)
    spoken = site.newest_recording(CLIP)
    assert (spoken.version, spoken.source, spoken.was_published) == (2, "microphone", False)
    agreement = correlation(spoken.mulaw, at_telephone_rate())
    logger.info("The draft agrees with what was said to the microphone: %.4f.", agreement)
    assert agreement > 0.8
    # These ears know other voices only.
    expect(page.get_by_text("The words could not be recognised")).to_be_visible()
    publish_draft(at_work)
    expect(page.get_by_text("Write down what is said in it first")).to_be_visible()
    page.locator("#id_text").fill("They were two, and said so.")
    at_work.save_and_publish()
    expect(page.get_by_text("The next call answered by Reception has it.")).to_be_visible()
    assert_heard(next_call(at_work, tmp_path), site.newest_recording(CLIP))

    at_work.visit("/admin/catalog/catalogrevision/")
    page.get_by_role("button", name=f"Roll back to revision {revision}", exact=True).click()
    expect(page.get_by_text(f"Rolled back to revision {revision}").first).to_be_visible()
    heard = next_call(at_work, tmp_path)
    assert_heard(heard, uploaded)
    assert not heard.has_exactly(spoken.mulaw)


def test_callers_hear_a_sentence_that_an_editor_typed(at_work: AtWork, tmp_path: Path) -> None:
    page = at_work.visit("/admin/catalog/clip/add/")
    page.locator("#id_name").fill("Typed greeting")
    page.locator("#id_sentence").fill("Good evening,  you have reached the bakery.")
    at_work.save()
    publish_draft(at_work)
    expect(page.get_by_text("“Typed greeting”, version 1, is published.")).to_be_visible()
    greet_with(at_work, "Typed greeting")
    typed = at_work.site.newest_recording("Typed greeting")
    assert (typed.source, typed.text) == ("voice", "Good evening, you have reached the bakery.")
    assert_heard(next_call(at_work, tmp_path), typed)
