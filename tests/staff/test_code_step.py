"""The second step of a log-in: asked of those who have set it up, and of nobody else."""

import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.log_in import waiting
from staff.models import AuditEntry
from tests.staff.authenticator import code_of, with_two_steps, wrong_code
from tests.staff.front_door import (
    ELSEWHERE,
    HOME,
    PASSWORD,
    give_code,
    give_password,
    hire_with_password,
    is_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_hashes")]
LIMIT = settings.AXES_FAILURE_LIMIT
CODE_PAGE = reverse("admin:login_code")
LOG_IN_PAGE = reverse("admin:login") + "?next=" + reverse("admin:index")


@pytest.fixture
def ines() -> User:
    return hire_with_password("ines")


@pytest.fixture
def app(ines: User) -> TOTPDevice:
    return with_two_steps(ines)[0]


@pytest.fixture
def browser() -> Client:
    return Client()


def waits_are_over() -> None:
    """Of the time that a wrong code makes the next one wait."""
    past = F("throttling_failure_timestamp") - timedelta(days=1)
    TOTPDevice.objects.update(throttling_failure_timestamp=past)


def test_who_has_not_set_it_up_is_asked_for_nothing_more(ines: User, browser: Client) -> None:
    answer = give_password(browser, "ines", PASSWORD)
    assert answer.headers["Location"] == reverse("admin:index")
    assert is_in(browser)


def test_the_password_alone_opens_nothing(app: TOTPDevice, browser: Client) -> None:
    answer = give_password(browser, "ines", PASSWORD)
    assert answer.headers["Location"] == CODE_PAGE
    assert not is_in(browser)


def test_the_code_of_the_app_lets_in_to_the_page_that_was_asked_for(
    app: TOTPDevice, browser: Client
) -> None:
    wanted = reverse("admin:password_change")
    browser.post(reverse("admin:login"), {"username": "ines", "password": PASSWORD, "next": wanted})
    code = code_of(app)
    answer = give_code(browser, f" {code[:3]} {code[3:]} ")
    assert answer.headers["Location"] == wanted
    assert is_in(browser)


def test_it_leads_to_no_other_site(app: TOTPDevice, browser: Client) -> None:
    posted = {"username": "ines", "password": PASSWORD, "next": "https://example.org/"}
    browser.post(reverse("admin:login"), posted)
    assert give_code(browser, code_of(app)).headers["Location"] == reverse("admin:index")


def test_a_code_is_good_once(app: TOTPDevice, browser: Client) -> None:
    code = code_of(app)
    give_password(browser, "ines", PASSWORD)
    give_code(browser, code)
    over_the_shoulder = Client()
    give_password(over_the_shoulder, "ines", PASSWORD)
    assert "was used before" in give_code(over_the_shoulder, code).content.decode()
    assert not is_in(over_the_shoulder)


def test_a_code_of_yesterday_or_of_somebody_else_is_wrong(app: TOTPDevice, browser: Client) -> None:
    others = with_two_steps(hire_with_password("rui"))[0]
    give_password(browser, "ines", PASSWORD)
    for code in (code_of(app, -2880), code_of(others)):
        give_code(browser, code)
        waits_are_over()
    assert not is_in(browser)


def test_nobody_is_asked_for_a_code_without_the_password(app: TOTPDevice, browser: Client) -> None:
    assert browser.get(CODE_PAGE).headers["Location"] == LOG_IN_PAGE
    assert give_code(browser, code_of(app)).headers["Location"] == LOG_IN_PAGE


def test_after_a_wrong_code_the_next_has_to_wait(app: TOTPDevice, browser: Client) -> None:
    give_password(browser, "ines", PASSWORD)
    give_code(browser, wrong_code(app))
    page = give_code(browser, code_of(app)).content.decode()
    assert "Wait 1 second, then" in page
    assert not is_in(browser)
    waits_are_over()
    give_code(browser, code_of(app))
    assert is_in(browser)


def test_wrong_codes_lock_out_like_wrong_passwords(app: TOTPDevice, browser: Client) -> None:
    give_password(browser, "ines", PASSWORD)
    for _ in range(LIMIT):
        waits_are_over()
        answer = give_code(browser, wrong_code(app))
    assert answer.status_code == 429
    assert "Too many wrong attempts" in answer.content.decode()
    assert give_password(Client(), "ines", PASSWORD).status_code == 429


def test_wrong_codes_from_elsewhere_lock_nobody_out_at_home(app: TOTPDevice) -> None:
    thief = Client()
    give_password(thief, "ines", PASSWORD, ELSEWHERE)
    for _ in range(LIMIT):
        waits_are_over()
        give_code(thief, wrong_code(app), ELSEWHERE)
    waits_are_over()
    owner = Client()
    give_password(owner, "ines", PASSWORD, HOME)
    give_code(owner, code_of(app), HOME)
    assert is_in(owner)


def test_unlocking_ends_the_waiting_for_codes_too(app: TOTPDevice, browser: Client) -> None:
    TOTPDevice.objects.update(throttling_failure_count=20)
    give_password(browser, "ines", PASSWORD)
    give_code(browser, wrong_code(app))
    call_command("unlock_login", "ines")
    give_code(browser, code_of(app))
    assert is_in(browser)


def test_the_password_is_good_for_five_minutes(
    app: TOTPDevice, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_password(browser, "ines", PASSWORD)
    later = time.time() + waiting.SECONDS + 1
    monkeypatch.setattr(waiting.time, "time", lambda: later)
    assert give_code(browser, code_of(app)).headers["Location"] == LOG_IN_PAGE
    assert not is_in(browser)


@pytest.mark.parametrize("change", ["new password", "not active", "no staff"])
def test_what_changes_meanwhile_counts(
    change: str, app: TOTPDevice, ines: User, browser: Client
) -> None:
    give_password(browser, "ines", PASSWORD)
    if change == "new password":
        ines.set_password("another long password")
    ines.is_active, ines.is_staff = change != "not active", change != "no staff"
    ines.save()
    give_code(browser, code_of(app))
    assert not is_in(browser)


def test_a_backup_code_lets_in_once_and_is_written_down(ines: User, browser: Client) -> None:
    _app, codes = with_two_steps(ines)
    give_password(browser, "ines", PASSWORD)
    give_code(browser, codes[0].upper())
    assert "You have 9 left" in browser.get(reverse("admin:index")).content.decode()
    row = AuditEntry.objects.get(additional_data__log_in="backup-code-used")
    assert (row.actor_name, row.object_repr) == ("ines", "ines")
    again = Client()
    give_password(again, "ines", PASSWORD)
    give_code(again, codes[0])
    assert not is_in(again)


def test_the_session_has_another_key_after_each_step(app: TOTPDevice, browser: Client) -> None:
    """Whoever planted the first one is left with nothing."""
    browser.get(reverse("admin:login"))
    planted = browser.session
    planted["planted"] = True
    planted.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    give_password(browser, "ines", PASSWORD)
    between = browser.cookies[settings.SESSION_COOKIE_NAME].value
    give_code(browser, code_of(app))
    after = browser.cookies[settings.SESSION_COOKIE_NAME].value
    assert len({planted.session_key, between, after}) == 3
    stale = Client()
    for key in (planted.session_key, between):
        stale.cookies[settings.SESSION_COOKIE_NAME] = key
        assert not is_in(stale)
        assert stale.get(CODE_PAGE).status_code == 302


def test_who_lost_everything_is_helped_by_a_command(ines: User, browser: Client) -> None:
    with_two_steps(ines)
    call_command("reset_totp", "ines")
    give_password(browser, "ines", PASSWORD)
    assert is_in(browser)
    with pytest.raises(CommandError, match="has not set up"):
        call_command("reset_totp", "ines")
    with pytest.raises(CommandError, match="no user"):
        call_command("reset_totp", "rui")
