"""Somebody for each role, and a browser for each."""

from django.contrib.auth.models import Group, User
from django.test import Client

from staff.roles import EDITORS, MANAGERS, SUPERVISORS

ROLES = {"E": EDITORS, "M": MANAGERS, "S": SUPERVISORS}
NAMES = {
    "A": "anybody",
    "C": "colleague",
    "E": "editor",
    "M": "manager",
    "S": "supervisor",
    "X": "superuser",
}


def hire(letter: str) -> User | None:
    """The letters of tests/staff/who_may.py. None for anybody, who has no account."""
    if letter == "A":
        return None
    if letter == "X":
        return User.objects.create_superuser(NAMES[letter])
    user = User.objects.create_user(NAMES[letter], is_staff=True)
    if letter in ROLES:
        user.groups.add(Group.objects.get(name=ROLES[letter]))
    return user


def browser_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client
