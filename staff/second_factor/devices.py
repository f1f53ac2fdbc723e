"""The rows of somebody's two-step log-in: the app on their telephone, and their backup codes."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.deeds import Deed, write_down

BACKUP_CODES = 10
_HALF = 4  # of a backup code's letters: written down as abcd-efgh


def with_devices(users: "QuerySet[User]") -> "QuerySet[User]":
    """Each with `app_pk` and `codes_pk`, or None: of what is set up, in the query of the user."""
    return users.annotate(app_pk=_confirmed(TOTPDevice), codes_pk=_confirmed(StaticDevice))


def _confirmed(model: type[Model]) -> Subquery:
    rows = model._default_manager.filter(user=OuterRef("pk"), confirmed=True).order_by("pk")
    return Subquery(rows.values("pk")[:1])


def app_of(user: User) -> TOTPDevice | None:
    """The app that is asked for at log-in; None for somebody without two-step log-in."""
    found: TOTPDevice | None = TOTPDevice.objects.devices_for_user(user, confirmed=True).first()
    return found


def being_set_up(user: User) -> TOTPDevice | None:
    """The app that has not shown a code yet."""
    found: TOTPDevice | None = TOTPDevice.objects.devices_for_user(user, confirmed=False).first()
    return found


def begin(user: User) -> None:
    """With a new key, whatever was begun before."""
    give_up(user)
    TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def give_up(user: User) -> None:
    TOTPDevice.objects.devices_for_user(user, confirmed=False).delete()


def finish(device: TOTPDevice) -> list[str]:
    """The app has shown that it knows the key. The backup codes, which are told this once."""
    with transaction.atomic():
        device.confirmed = True
        device.save()
        write_down(device.user, Deed.SET_UP)
        return _make_codes(device.user)


def new_backup_codes(user: User) -> list[str]:
    """The old ones are worth nothing from now on."""
    with transaction.atomic():
        write_down(user, Deed.NEW_BACKUP_CODES)
        return _make_codes(user)


def _make_codes(user: User) -> list[str]:
    device, _made = StaticDevice.objects.get_or_create(user=user, name="backup codes")
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _ in range(BACKUP_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:_HALF]}-{code[_HALF:]}" for code in codes]


def backup_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def remove(user: User, deed: Deed) -> bool:
    """Without app and codes; sessions that were opened with them end. False if there were none."""
    with transaction.atomic():
        had = app_of(user) is not None
        for devices in (TOTPDevice.objects, StaticDevice.objects):
            devices.devices_for_user(user).delete()
        if had:
            write_down(user, deed)
        return had


def forget_failures(user: User) -> None:
    """Wrong codes make the next one wait, longer each time. Not any more."""
    for devices in (TOTPDevice.objects, StaticDevice.objects):
        for device in devices.devices_for_user(user):
            device.throttle_reset()
