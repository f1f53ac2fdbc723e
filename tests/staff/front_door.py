"""Logging in through the form, as a browser does it."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

PASSWORD = "a long enough password"
HOME, ELSEWHERE = "192.0.2.10", "198.51.100.20"


def hire_with_password(name: str = "ines", **more: Any) -> User:
    return User.objects.create_user(name, password=PASSWORD, is_staff=True, **more)


def give_password(
    browser: Client, name: str, password: str, address: str = HOME, **headers: str
) -> HttpResponse:
    """The first step, from an address. `headers` are those of the request."""
    posted = {"username": name, "password": password, "next": reverse("admin:index")}
    return browser.post(reverse("admin:login"), posted, REMOTE_ADDR=address, headers=headers)  # type: ignore[return-value]


def give_code(browser: Client, code: str, address: str = HOME) -> HttpResponse:
    """The second step."""
    return browser.post(reverse("admin:login_code"), {"code": code}, REMOTE_ADDR=address)  # type: ignore[return-value]


def is_in(browser: Client) -> bool:
    """Whether the first page opens; where it leads to is not followed."""
    return browser.get(reverse("admin:index")).status_code == 200


def fail(name: str, times: int, address: str = HOME) -> HttpResponse:
    """The last answer."""
    for _ in range(times):
        answer = give_password(Client(), name, "not this one", address)
    return answer
