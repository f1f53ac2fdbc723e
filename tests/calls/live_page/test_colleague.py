"""Who is let through the socket of the live page: as to a page, with both steps of a log-in."""

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from calls.live_page.colleague import Colleague, colleague_of
from staff.deeds import Deed
from staff.second_factor.devices import remove
from tests.staff.authenticator import with_two_steps
from tests.staff.people import browser_of, hire

pytestmark = pytest.mark.django_db
MANAGER = Colleague("manager", may_order=True, sees_numbers=True)


@pytest.fixture
def manager() -> User:
    user = hire("M")
    assert user is not None
    return user


def at_the_socket(browser: Client) -> Colleague | None:
    return colleague_of(browser.session.session_key or "")


def opened_with(app: TOTPDevice, user: User) -> Client:
    browser = browser_of(user)
    session = browser.session
    session[DEVICE_ID_SESSION_KEY] = app.persistent_id
    session.save()
    return browser


def test_who_has_no_second_step_is_let_in_by_the_first(manager: User) -> None:
    assert at_the_socket(browser_of(manager)) == MANAGER
    assert at_the_socket(Client()) is None
    assert at_the_socket(browser_of(hire("E"))) is None


def test_a_session_that_lacks_the_second_step_sees_nothing(manager: User) -> None:
    older = browser_of(manager)
    app, _codes = with_two_steps(manager)
    assert at_the_socket(older) is None
    assert at_the_socket(opened_with(app, manager)) == MANAGER


def test_nor_does_one_that_was_opened_with_what_is_gone(manager: User) -> None:
    app, _codes = with_two_steps(manager)
    browser = opened_with(app, manager)
    remove(manager, Deed.RESET)
    assert at_the_socket(browser) is None


def test_nor_one_with_the_app_of_somebody_else(manager: User) -> None:
    with_two_steps(manager)
    other, _codes = with_two_steps(User.objects.create_user("other"))
    assert at_the_socket(opened_with(other, manager)) is None


@override_settings(REQUIRE_TOTP=True)
def test_where_it_is_a_must_nobody_watches_without_it(manager: User) -> None:
    assert at_the_socket(browser_of(manager)) is None
    app, _codes = with_two_steps(manager)
    assert at_the_socket(opened_with(app, manager)) == MANAGER
