"""What editors change on the pages of prompts, tools and agents, and what they are refused."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.at_work import AtWork

MOST_TABS = 120


def open_prompt(at_work: AtWork) -> Page:
    [[pk]] = at_work.site.rows("SELECT prompt_id FROM catalog_agent WHERE is_default")
    return at_work.visit(f"/admin/catalog/prompt/{pk}/change/")


def prompt_versions(at_work: AtWork) -> int:
    return int(at_work.site.rows("SELECT count(*) FROM catalog_promptversion")[0][0])


def test_a_prompt_goes_from_a_typing_error_to_live_and_back(at_work: AtWork) -> None:
    page, before = open_prompt(at_work), prompt_versions(at_work)
    text = page.locator("#id_text").input_value()
    page.locator("#id_text").fill(f"{text}\nSay {{custumer_name}} once.")
    at_work.save()
    refusal = page.get_by_text("Unknown: {custumer_name}. What can be filled in is")
    expect(refusal).to_be_visible()
    expect(refusal).to_contain_text("{customer_name}")
    assert prompt_versions(at_work) == before, "nothing is saved"

    page.locator("#id_text").fill(f"{text}\nSay {{customer_name}} once.")
    page.locator("#id_note").fill("Names are used sparingly")
    at_work.save()
    expect(page.get_by_text("Version 2 is a draft")).to_be_visible()
    assert prompt_versions(at_work) == before + 1

    page.get_by_role("link", name="Compare with the live one").click()
    expect(page.get_by_role("heading", name="Version 1 and version 2")).to_be_visible()
    expect(page.locator("td.va-added").last).to_have_text("Say {customer_name} once.")
    page.get_by_role("link", name="Back to the prompt").click()

    page.locator(".va-card-draft").get_by_role("link", name="Preview").click()
    expect(page.locator(".va-prompt-text")).to_contain_text("Say the caller once.")
    page.get_by_label("Caller").select_option(label="Maria Lopes")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".va-prompt-text")).to_contain_text("Say Maria Lopes once.")
    page.get_by_role("link", name="Back to the prompt").click()

    page.locator(".va-card-draft").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The next call answered by Reception has it.")).to_be_visible()
    page.get_by_role("button", name="Publish again").click()
    expect(page.get_by_text("version 1, is published.")).to_be_visible()
    assert prompt_versions(at_work) == before + 1, "nothing is lost and nothing is copied"


def test_the_stage_of_a_tool_is_changed_in_the_list(at_work: AtWork) -> None:
    page = at_work.visit("/admin/catalog/tool/")
    row = page.locator("#result_list tr", has_text="end_call")
    stage = row.locator("select")
    before = stage.input_value()
    stage.select_option("full")
    at_work.save()
    expect(page.get_by_text("1 tool was changed successfully.")).to_be_visible()
    expect(row.locator("select")).to_have_value("full")
    assert before != "full"
    asked = "SELECT stage FROM catalog_tool WHERE name = 'end_call'"
    assert at_work.site.rows(asked) == [("full",)]
    [[document]] = at_work.site.rows(
        "SELECT document FROM catalog_catalogrevision ORDER BY id DESC LIMIT 1"
    )
    assert "full" in json.dumps([row for row in json.loads(document) if "end_call" in str(row)])


def tab_to(page: Page, target: Locator) -> None:
    """With the Tab key alone."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("it => it === document.activeElement"):
            return
    pytest.fail(f"The Tab key does not reach {target} in {MOST_TABS} steps.")


def choose_by_key(page: Page, target: Locator, label: str) -> None:
    tab_to(page, target)
    page.keyboard.type(label, delay=20)
    assert target.evaluate("it => it.selectedOptions[0].text") == label


def test_another_greeting_and_business_hours_are_set_by_keyboard_alone(at_work: AtWork) -> None:
    page = at_work.open_agent()
    greeting = page.locator("#id_greeting_clip")
    others = greeting.evaluate(
        "it => [...it.options].filter(one => one.value && !one.selected).map(one => one.text)"
    )
    choose_by_key(page, greeting, others[0])
    tab_to(page, page.locator("#hours-group a.add-row"))
    page.keyboard.press("Enter")
    choose_by_key(page, page.locator("#id_hours-0-weekday"), "Tuesday")
    tab_to(page, page.locator("#id_hours-0-opens"))
    page.keyboard.type("08:30")
    tab_to(page, page.locator("#id_hours-0-closes"))
    page.keyboard.type("17:00")
    tab_to(page, page.get_by_role("button", name="Save", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    hours = at_work.site.rows("SELECT weekday, opens, closes FROM catalog_openinghours")
    assert hours == [(1, "08:30:00", "17:00:00")]
    assert at_work.site.rows(
        "SELECT clip.name FROM catalog_agent agent JOIN catalog_clip clip "
        "ON clip.id = agent.greeting_clip_id WHERE agent.is_default"
    ) == [(others[0],)]


def test_a_file_that_is_no_recording_is_refused_beside_its_field(at_work: AtWork) -> None:
    page = at_work.visit("/admin/catalog/clip/add/")
    page.locator("#id_name").fill("Nonsense")
    page.locator("#id_recording").set_input_files(
        {"name": "song.mp3", "mimeType": "audio/mpeg", "buffer": b"this is no song" * 500}
    )
    at_work.save()
    field = page.locator(".field-recording")
    expect(field.locator(".errorlist, [class*=text-red]").first).to_be_visible()
    assert at_work.site.rows("SELECT count(*) FROM catalog_clip WHERE name = 'Nonsense'") == [(0,)]
    assert not list(at_work.site.media.rglob("*.*")), "and no file is left behind"
