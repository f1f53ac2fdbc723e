"""Is this code good? Six digits are the app's; anything else may be a backup code."""

import math
import re
from dataclasses import dataclass
from enum import Enum

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice

from staff.second_factor.devices import app_of

_OF_THE_APP = re.compile(r"[0-9]{6}")
_WRITTEN_BETWEEN = re.compile(r"[\s\u2010-\u2015-]+")


class Answer(Enum):
    GOOD = "good"
    WRONG = "wrong"
    TOO_SOON = "too soon"  # after a wrong one: it was not even looked at


@dataclass(frozen=True, slots=True)
class Verdict:
    answer: Answer
    device: Device | None = None  # that knew the code
    wait_seconds: int = 0

    @property
    def by_backup_code(self) -> bool:
        return isinstance(self.device, StaticDevice)


def verdict(user: User, written: str) -> Verdict:
    """Each code is good once. The rows are locked meanwhile, so that two requests share no code."""
    code = _WRITTEN_BETWEEN.sub("", written).lower()
    with transaction.atomic():
        device = _device_for(user, code)
        return Verdict(Answer.WRONG) if device is None else try_on(device, code)


def _device_for(user: User, code: str) -> Device | None:
    device = app_of(user)
    if device is not None and not _OF_THE_APP.fullmatch(code):
        device = StaticDevice.objects.devices_for_user(user, confirmed=True).first()
    if device is None:
        return None
    return Device.from_persistent_id(device.persistent_id, for_verify=True)


def try_on(device: Device, code: str) -> Verdict:
    """Within a transaction that has locked the device's row."""
    allowed, more = device.verify_is_allowed()
    if not allowed:
        left = more["locked_until"] - timezone.now()
        return Verdict(Answer.TOO_SOON, wait_seconds=max(1, math.ceil(left.total_seconds())))
    good = device.verify_token(code)
    return Verdict(Answer.GOOD, device) if good else Verdict(Answer.WRONG)
