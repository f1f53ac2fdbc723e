"""May this session do anything, or is its second step missing? Asked for pages and for sockets."""

from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.second_factor.devices import with_devices


class Standing(Enum):
    FREE = "free"
    MUST_SET_UP = "must set up"  # REQUIRE_TOTP, and there is no app yet
    MUST_END = "must end"  # older than the app, or opened with one that is gone


def standing(request: HttpRequest) -> Standing:
    """Of a session, with the person that Django finds for it."""
    user: Any = request.user
    if not user.is_authenticated:
        return Standing.FREE  # Whoever is nobody is asked for a password where one is needed.
    if not hasattr(user, "app_pk"):  # Whoever has just logged in was not read by StaffBackend.
        user = with_devices(User.objects.filter(pk=user.pk)).get()
    shown = request.session.get(DEVICE_ID_SESSION_KEY)
    if shown is not None:
        return Standing.FREE if shown in _names_of(user) else Standing.MUST_END
    if user.app_pk is not None:
        return Standing.MUST_END
    return Standing.MUST_SET_UP if settings.REQUIRE_TOTP and user.is_staff else Standing.FREE


def _names_of(user: Any) -> set[str]:
    """As django_otp writes them into the session."""
    return {
        f"{model.model_label()}/{pk}"
        for model, pk in ((TOTPDevice, user.app_pk), (StaticDevice, user.codes_pk))
        if pk is not None
    }
