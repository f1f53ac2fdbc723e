"""How long somebody stays logged in, and what a browser may do with the cookies."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from staff import idle_sessions
from tests.staff.front_door import PASSWORD, give_password, hire_with_password, is_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_hashes")]
TWELVE_HOURS = timedelta(hours=12)
# The line on every page, which asks for itself.
POLL = reverse("admin:catalog_catalogrevision_serving")


@pytest.fixture
def ines() -> User:
    return hire_with_password("ines")


@pytest.fixture
def browser(ines: User) -> Client:
    browser = Client()
    give_password(browser, "ines", PASSWORD)
    return browser


def left_of(browser: Client) -> timedelta:
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return Session.objects.get(session_key=key).expire_date - timezone.now()


def hours_pass(browser: Client, hours: float) -> None:
    """The session was seen, and expires, so much earlier."""
    session = browser.session
    session["seen"] = session["seen"] - hours * 3600
    session.save()
    expires = timezone.now() + TWELVE_HOURS - timedelta(hours=hours)
    Session.objects.filter(session_key=session.session_key).update(expire_date=expires)


def test_a_session_ends_after_twelve_idle_hours(browser: Client) -> None:
    assert TWELVE_HOURS - left_of(browser) < timedelta(minutes=1)
    hours_pass(browser, 11.9)
    assert is_in(browser)
    hours_pass(browser, 12.1)
    assert not is_in(browser)


def test_a_page_that_is_asked_for_prolongs_it(browser: Client) -> None:
    is_in(browser)
    hours_pass(browser, 3)
    is_in(browser)
    assert TWELVE_HOURS - left_of(browser) < timedelta(minutes=1)


def test_a_window_that_is_left_open_does_not(browser: Client) -> None:
    is_in(browser)
    hours_pass(browser, 3)
    assert browser.get(POLL).status_code == 200
    assert TWELVE_HOURS - left_of(browser) > timedelta(hours=2.9)


def test_a_click_right_after_another_writes_nothing(browser: Client) -> None:
    is_in(browser)
    before = left_of(browser)
    seen = browser.session["seen"]
    is_in(browser)
    assert browser.session["seen"] == seen
    assert left_of(browser) < before
    assert TWELVE_HOURS.total_seconds() / 10 > idle_sessions.EVERY_SECONDS


def test_who_is_not_logged_in_gets_no_session(db: None) -> None:
    stranger = Client()
    stranger.cookies[settings.SESSION_COOKIE_NAME] = "made-up-by-somebody-else-0123456"
    stranger.get(reverse("admin:login"))
    stranger.get(reverse("admin:index"))
    assert not Session.objects.exists()


def test_logging_in_gives_the_session_another_key(ines: User) -> None:
    browser = Client()
    planted = browser.session
    planted["planted"] = True
    planted.save()
    browser.cookies[settings.SESSION_COOKIE_NAME] = planted.session_key
    give_password(browser, "ines", PASSWORD)
    assert browser.cookies[settings.SESSION_COOKIE_NAME].value != planted.session_key
    assert not Session.objects.filter(session_key=planted.session_key).exists()
    assert is_in(browser)


def test_a_new_password_ends_every_other_session(ines: User, browser: Client) -> None:
    elsewhere = Client()
    give_password(elsewhere, "ines", PASSWORD)
    new = "quite another password"
    posted = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    browser.post(reverse("admin:password_change"), posted)
    assert is_in(browser) and not is_in(elsewhere)


def test_the_old_password_is_not_guessed_at_a_desk_that_is_left(
    ines: User, browser: Client
) -> None:
    new, page = "quite another password", reverse("admin:password_change")
    for number in range(settings.AXES_FAILURE_LIMIT):
        guess = f"a guess, number {number}"
        browser.post(page, {"old_password": guess, "new_password1": new, "new_password2": new})
    right = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    answer = browser.post(page, right, follow=True)
    assert "Too many wrong attempts" in answer.content.decode()
    ines.refresh_from_db()
    assert ines.check_password(PASSWORD)


def test_a_password_that_a_superuser_sets_ends_them_all(
    ines: User, browser: Client, boss: Client
) -> None:
    address = reverse("admin:auth_user_password_change", args=(ines.pk,))
    new = "quite another password"
    boss.post(address, {"password1": new, "password2": new, "usable_password": "true"})
    assert not is_in(browser)


def test_logging_out_ends_it_for_whoever_has_the_cookie(browser: Client) -> None:
    thief = Client()
    thief.cookies = browser.cookies.copy()
    assert is_in(thief)
    browser.post(reverse("admin:logout"))
    assert not is_in(thief)


@override_settings(SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True)
def test_no_script_and_no_other_site_gets_the_cookies(ines: User) -> None:
    browser = Client()
    browser.get(reverse("admin:login"))
    give_password(browser, "ines", PASSWORD)
    for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
        cookie = browser.cookies[name]
        assert cookie["secure"] and cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
