"""Somebody may log in again at once: after wrong passwords, and after wrong codes."""

from django.contrib.auth.models import User

from staff import lock_out
from staff.deeds import Deed, write_down
from staff.second_factor.devices import forget_failures


def unlock(user: User) -> None:
    lock_out.unlock(user)
    forget_failures(user)
    write_down(user, Deed.UNLOCKED)
