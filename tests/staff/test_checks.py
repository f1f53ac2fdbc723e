"""What `manage.py check --deploy` says about logging in."""

from django.test import override_settings

from staff.checks import proxies_are_counted


@override_settings(SERVED_OVER_TLS=True, TRUSTED_PROXIES=0)
def test_https_without_a_proxy_that_is_counted_is_named() -> None:
    [warning] = proxies_are_counted()
    assert warning.id == "staff.W001"


def test_with_one_that_is_counted_or_on_ones_own_machine_all_is_well() -> None:
    with override_settings(SERVED_OVER_TLS=True, TRUSTED_PROXIES=1):
        assert proxies_are_counted() == []
    with override_settings(SERVED_OVER_TLS=False, TRUSTED_PROXIES=0):
        assert proxies_are_counted() == []
