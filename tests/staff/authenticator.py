"""What stands on the telephone of somebody with two-step log-in."""

from django.contrib.auth.models import User
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from staff.second_factor import devices


def code_of(app: TOTPDevice, later: int = 0) -> str:
    """That of now, or of so many steps of 30 s later: a good code is not good twice."""
    return f"{totp(app.bin_key, drift=later):06d}"


def wrong_code(app: TOTPDevice) -> str:
    """None of those that are taken, now or soon."""
    taken = {code_of(app, later) for later in range(-3, 4)}
    return next(code for code in map("{:06d}".format, range(10)) if code not in taken)


def with_two_steps(user: User) -> tuple[TOTPDevice, list[str]]:
    """The app, set up, and the backup codes."""
    devices.begin(user)
    app = devices.being_set_up(user)
    assert app is not None
    return app, devices.finish(app)
