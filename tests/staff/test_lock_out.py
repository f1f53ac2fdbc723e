"""Who may try how often to log in, and who may not be kept out by others."""

import logging
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client, override_settings
from django.urls import reverse

from staff.lock_out import locks_of
from staff.models import AuditEntry
from tests.staff.front_door import (
    ELSEWHERE,
    HOME,
    PASSWORD,
    fail,
    give_password,
    hire_with_password,
    is_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_hashes")]
LIMIT = settings.AXES_FAILURE_LIMIT
SENTENCE = "Too many wrong attempts"


@pytest.fixture
def ines() -> User:
    return hire_with_password("ines")


def time_passes(minutes: float) -> None:
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


def gets_in(name: str = "ines", address: str = HOME) -> bool:
    browser = Client()
    give_password(browser, name, PASSWORD, address)
    return is_in(browser)


def test_after_seven_wrong_passwords_the_right_one_is_refused_too(ines: User) -> None:
    assert fail("ines", LIMIT - 1).status_code == 200
    assert fail("ines", 1).status_code == 429
    assert not gets_in()


def test_the_page_says_so_in_a_sentence(ines: User) -> None:
    page = fail("ines", LIMIT).content.decode()
    assert SENTENCE in page and "15 minutes" in page and "ask whoever manages your users" in page


def test_it_says_the_same_of_a_name_that_nobody_has() -> None:
    assert SENTENCE in fail("nobody", LIMIT).content.decode()


def test_it_opens_again_by_itself(ines: User) -> None:
    fail("ines", LIMIT)
    time_passes(minutes=14)
    assert not gets_in()
    time_passes(minutes=1.1)
    assert gets_in()


def test_trying_on_does_not_prolong_it(ines: User) -> None:
    fail("ines", LIMIT)
    time_passes(minutes=14)
    fail("ines", 3)
    time_passes(minutes=1.1)
    assert gets_in()


def test_nobody_locks_somebody_out_from_elsewhere(ines: User) -> None:
    fail("ines", LIMIT, ELSEWHERE)
    assert gets_in(address=HOME)
    assert not gets_in(address=ELSEWHERE)


def test_a_colleague_in_the_same_office_still_gets_in(ines: User) -> None:
    hire_with_password("rui")
    fail("ines", LIMIT)
    assert gets_in("rui")


def test_another_browser_at_the_same_address_is_no_way_around(ines: User) -> None:
    for number in range(LIMIT):
        give_password(Client(), "ines", "wrong", **{"User-Agent": f"browser {number}"})
    assert not gets_in()


def test_a_made_up_header_is_no_way_around(ines: User) -> None:
    for number in range(LIMIT):
        give_password(Client(), "ines", "wrong", **{"X-Forwarded-For": f"192.0.2.{number}"})
    assert not gets_in()


@override_settings(TRUSTED_PROXIES=1)
def test_behind_a_proxy_it_counts_whom_the_proxy_saw(ines: User) -> None:
    for _ in range(LIMIT):
        give_password(Client(), "ines", "wrong", **{"X-Forwarded-For": "made up, 192.0.2.66"})
    assert [lock.address for lock in locks_of(ines)] == ["192.0.2.66"]
    assert gets_in()


def test_the_right_password_takes_earlier_failures_back(ines: User) -> None:
    fail("ines", LIMIT - 1)
    assert gets_in()
    assert fail("ines", LIMIT - 1).status_code == 200


def test_a_superuser_unlocks_in_the_list_of_users(ines: User, boss: Client) -> None:
    fail("ines", LIMIT)
    page = boss.get(reverse("admin:auth_user_change", args=(ines.pk,))).content.decode()
    assert f"from {HOME}" in page
    chosen = {"action": "unlock", "_selected_action": [ines.pk]}
    boss.post(reverse("admin:auth_user_changelist"), chosen)
    assert gets_in()
    row = AuditEntry.objects.filter(additional_data__log_in="unlocked").get()
    assert (row.actor_name, row.object_repr) == ("superuser", "ines")


def test_an_operator_unlocks_with_a_command(ines: User) -> None:
    fail("ines", LIMIT)
    call_command("unlock_login", "ines")
    assert gets_in()
    with pytest.raises(CommandError, match="no user 'rui'"):
        call_command("unlock_login", "rui")


def test_nothing_that_was_typed_is_kept_or_logged(
    ines: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for _ in range(LIMIT):
        give_password(Client(), "typed-into-the-name", "typed-into-the-password")
    rows = str(list(AccessAttempt.objects.values())) + str(list(AuditEntry.objects.values()))
    assert AccessAttempt.objects.get().failures_since_start == LIMIT
    assert "typed-into" not in rows + caplog.text
    assert f"Log-ins from {HOME} are refused" in caplog.text


def test_rows_of_failures_go_when_their_time_is_over(ines: User) -> None:
    fail("nobody", 3)
    time_passes(minutes=16)
    fail("ines", 1)
    assert AccessAttempt.objects.count() == 1
