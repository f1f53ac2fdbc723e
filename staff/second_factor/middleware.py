"""No page without the second step: neither for a session that lacks it, nor past REQUIRE_TOTP."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from staff.second_factor.standing import Standing, standing

# What somebody needs who has to set it up first.
OPEN = {"admin:second_factor", "admin:logout", "admin:login", "admin:login_code", "set_language"}


class SecondFactorMiddleware:
    """Stands after the one that authenticates. What no view answers costs it nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        found = standing(request)
        if found is Standing.MUST_END:
            logout(request)
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        match = request.resolver_match
        if found is Standing.MUST_SET_UP and (match is None or match.view_name not in OPEN):
            return redirect("admin:second_factor")
        return None
