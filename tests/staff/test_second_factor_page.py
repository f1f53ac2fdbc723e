"""One's own page for two-step log-in, and what others can do about it."""

import re
from base64 import b32decode
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.models import AuditEntry
from tests.staff.authenticator import code_of, with_two_steps, wrong_code
from tests.staff.front_door import (
    PASSWORD,
    give_code,
    give_password,
    hire_with_password,
    is_in,
)
from tests.staff.people import browser_of, hire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_hashes")]
PAGE = reverse("admin:second_factor")
CODES = re.compile(r"<code>([a-z2-7]{4}-[a-z2-7]{4})</code>")


@pytest.fixture
def ines() -> User:
    return hire_with_password("ines")


@pytest.fixture
def desk(ines: User) -> Client:
    return browser_of(ines)


def post(browser: Client, action: str, **fields: str) -> HttpResponse:
    return browser.post(PAGE, {action: "yes", **fields})  # type: ignore[return-value]


def read(browser: Client) -> str:
    return browser.get(PAGE).content.decode()


def key_on(page: str) -> bytes:
    found = re.search(r'class="va-key">([A-Z2-7 ]+)<', page)
    assert found is not None
    return b32decode(found[1].replace(" ", ""))


def set_up(browser: Client, user: User) -> tuple[TOTPDevice, str]:
    """The app, and the page with the backup codes."""
    post(browser, "begin")
    app = TOTPDevice.objects.get(user=user)
    return app, post(browser, "confirm", code=code_of(app)).content.decode()


def rows(**about: Any) -> list[str]:
    entries = AuditEntry.objects.filter(additional_data__has_key="log_in", **about)
    return [entry.additional_data["log_in"] for entry in entries.order_by("pk")]


def test_a_key_is_shown_as_a_picture_and_in_letters(ines: User, desk: Client) -> None:
    assert "va-key" not in read(desk)
    post(desk, "begin")
    page = read(desk)
    assert key_on(page) == TOTPDevice.objects.get(user=ines).bin_key
    assert '<svg class="va-qr"' in page or 'class="va-qr"' in page
    assert "otpauth:" not in page and "http://chart" not in page


def test_it_is_on_once_the_app_has_shown_a_code(ines: User, desk: Client) -> None:
    post(desk, "begin")
    app = TOTPDevice.objects.get(user=ines)
    refused = post(desk, "confirm", code=wrong_code(app)).content.decode()
    assert "This code is wrong" in refused and not TOTPDevice.objects.get().confirmed
    TOTPDevice.objects.update(throttling_failure_count=0)
    post(desk, "confirm", code=code_of(app))
    assert TOTPDevice.objects.get().confirmed
    assert is_in(desk)


def test_backup_codes_are_shown_once(ines: User, desk: Client) -> None:
    _app, page = set_up(desk, ines)
    codes = CODES.findall(page)
    assert len(set(codes)) == 10
    later = read(desk)
    assert CODES.findall(later) == [] and "va-key" not in later


def test_what_was_begun_can_be_thrown_away(ines: User, desk: Client) -> None:
    post(desk, "begin")
    post(desk, "give-up")
    assert not TOTPDevice.objects.exists()


def test_beginning_again_is_another_key(ines: User, desk: Client) -> None:
    post(desk, "begin")
    first = key_on(read(desk))
    post(desk, "begin")
    assert key_on(read(desk)) != first


def test_one_that_is_on_is_not_begun_again(ines: User, desk: Client) -> None:
    app, _page = set_up(desk, ines)
    post(desk, "begin")
    post(desk, "confirm", code=code_of(app, 1))
    assert TOTPDevice.objects.get().key == app.key


def test_every_other_session_ends_when_it_is_set_up(ines: User, desk: Client) -> None:
    elsewhere = browser_of(ines)
    assert is_in(elsewhere)
    set_up(desk, ines)
    assert is_in(desk) and not is_in(elsewhere)


def test_new_backup_codes_need_a_code_and_replace_the_old(ines: User, desk: Client) -> None:
    app, page = set_up(desk, ines)
    old = CODES.findall(page)
    assert CODES.findall(post(desk, "new-codes", code="").content.decode()) == []
    new = CODES.findall(post(desk, "new-codes", code=code_of(app, 1)).content.decode())
    assert len(new) == 10 and not set(old) & set(new)
    assert StaticToken.objects.count() == 10


def test_turning_it_off_needs_a_code(ines: User, desk: Client) -> None:
    app, _page = set_up(desk, ines)
    assert "This code is wrong" in post(desk, "turn-off", code=wrong_code(app)).content.decode()
    TOTPDevice.objects.update(throttling_failure_count=0)
    post(desk, "turn-off", code=code_of(app, 1))
    assert not TOTPDevice.objects.exists() and not StaticToken.objects.exists()
    assert is_in(desk)


def test_a_superuser_resets_that_of_somebody_else(ines: User, desk: Client, boss: Client) -> None:
    set_up(desk, ines)
    chosen = {"action": "reset_two_step", "_selected_action": [ines.pk]}
    boss.post(reverse("admin:auth_user_changelist"), chosen)
    assert not TOTPDevice.objects.exists()
    assert not is_in(desk), "a session that the lost telephone opened"
    browser = Client()
    give_password(browser, "ines", PASSWORD)
    assert is_in(browser)
    assert rows(actor_name="superuser", object_repr="ines") == ["totp-reset"]


def test_nobody_resets_their_own_without_a_code(boss: Client) -> None:
    me = User.objects.get(username="superuser")
    with_two_steps(me)
    boss.force_login(me)
    session = boss.session
    session["otp_device_id"] = TOTPDevice.objects.get().persistent_id
    session.save()
    chosen = {"action": "reset_two_step", "_selected_action": [me.pk]}
    boss.post(reverse("admin:auth_user_changelist"), chosen)
    assert TOTPDevice.objects.exists()


@pytest.mark.parametrize("letter", "CEMS")
def test_only_superusers_reset_or_unlock(letter: str, ines: User) -> None:
    with_two_steps(ines)
    for action in ("reset_two_step", "unlock"):
        chosen = {"action": action, "_selected_action": [ines.pk]}
        answer = browser_of(hire(letter)).post(reverse("admin:auth_user_changelist"), chosen)
        assert answer.status_code == 403
        User.objects.exclude(pk=ines.pk).delete()
    assert TOTPDevice.objects.exists()


def test_the_audit_log_tells_what_was_done_and_holds_no_key(
    ines: User, desk: Client, boss: Client
) -> None:
    app, page = set_up(desk, ines)
    new = post(desk, "new-codes", code=code_of(app, 1)).content.decode()
    assert rows(actor_name="ines") == ["totp-set-up", "backup-codes-made"]
    secrets = [app.key, *(code.replace("-", "") for code in CODES.findall(page + new))]
    everything = " ".join(str(row) for row in AuditEntry.objects.values())
    assert [secret for secret in secrets if secret in everything] == []
    log = boss.get(reverse("admin:staff_auditentry_changelist")).content.decode()
    assert "Two-step log-in set up" in log
    history = boss.get(reverse("admin:auth_user_history", args=(ines.pk,))).content.decode()
    assert "New backup codes made" in history


def test_the_page_of_a_user_says_whether_it_is_on(ines: User, boss: Client) -> None:
    address = reverse("admin:auth_user_change", args=(ines.pk,))
    assert "On since" not in boss.get(address).content.decode()
    app, _codes = with_two_steps(ines)
    page = boss.get(address).content.decode()
    assert "On since" in page and "10 backup codes left" in page
    assert app.key not in page


def test_no_page_of_the_admin_shows_the_librarys_rows(ines: User, boss: Client) -> None:
    app, _codes = with_two_steps(ines)
    for label in ("otp_totp/totpdevice", "otp_static/staticdevice", "axes/accessattempt"):
        assert boss.get(f"/admin/{label}/").status_code == 404
        assert boss.get(f"/admin/{label}/{app.pk}/change/").status_code == 404


@override_settings(REQUIRE_TOTP=True)
def test_where_it_is_a_must_nothing_else_opens_before(ines: User, desk: Client) -> None:
    for page in ("admin:index", "admin:password_change", "admin:jsi18n", "home"):
        assert desk.get(reverse(page)).headers["Location"] == PAGE, page
    page = read(desk)
    assert "Here everybody has to use it" in page and "nav-sidebar" not in page
    set_up(desk, ines)
    assert is_in(desk)


@override_settings(REQUIRE_TOTP=True)
def test_where_it_is_a_must_turning_off_is_moving_to_another_telephone(
    ines: User, desk: Client
) -> None:
    app, _page = set_up(desk, ines)
    assert "Move to another telephone" in read(desk)
    post(desk, "turn-off", code=code_of(app, 1))
    assert not is_in(desk)
    post(desk, "begin")
    assert key_on(read(desk)) != app.bin_key


@override_settings(REQUIRE_TOTP=True)
def test_where_it_is_a_must_the_next_log_in_goes_through_both_steps(
    ines: User, desk: Client
) -> None:
    app, _page = set_up(desk, ines)
    browser = Client()
    give_password(browser, "ines", PASSWORD)
    assert not is_in(browser)
    give_code(browser, code_of(app, 1))
    assert is_in(browser)
