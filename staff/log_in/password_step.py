"""The first step: name and password. Whoever has set up two-step log-in goes on to the second."""

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from unfold.forms import AuthenticationForm

from staff import lock_out
from staff.log_in.waiting import wait_for_code
from staff.second_factor.devices import app_of

TOO_MANY_REQUESTS = 429


class PasswordForm(AuthenticationForm):
    def get_invalid_login_error(self) -> ValidationError:
        if self.request.axes_locked_out:
            return ValidationError(lock_out.sentence(), code="locked-out")
        refused: ValidationError = super().get_invalid_login_error()
        return refused


class PasswordStep(LoginView):
    authentication_form = PasswordForm

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if isinstance(user, User) and app_of(user) is not None:
            wait_for_code(self.request, user, self.get_success_url())
            return redirect("admin:login_code")
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "locked-out"):
            response.status_code = TOO_MANY_REQUESTS
        return response
