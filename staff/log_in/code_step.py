"""The second step: the code of the app, or one of the backup codes."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import BASE_INPUT_CLASSES

from staff import lock_out
from staff.deeds import Deed, write_down
from staff.log_in.password_step import TOO_MANY_REQUESTS
from staff.log_in.waiting import stop_waiting, who_waits
from staff.second_factor.codes import Answer, Verdict, verdict
from staff.second_factor.devices import backup_codes_left

BACKEND = "staff.log_in.backend.StaffBackend"


class CodeForm(forms.Form):
    """Longer than a code, for the spaces that people write."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(
            {
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": "",
                "autocapitalize": "none",
                "spellcheck": "false",
                "class": " ".join(BASE_INPUT_CLASSES),
            }
        ),
    )

    def ask_for_a_backup_code(self) -> None:
        """They have letters, which a telephone's keyboard for numbers has not."""
        self.fields["code"].label = _("Backup code")
        self.fields["code"].widget.attrs["inputmode"] = "text"


@sensitive_post_parameters()
def code_step(request: HttpRequest) -> HttpResponse:
    waiting = who_waits(request)
    if waiting is None:
        stop_waiting(request)
        return redirect_to_login(reverse("admin:index"), reverse("admin:login"))
    user, next_page = waiting
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if lock_out.is_locked_out(request, user.get_username()):
            return _locked_out(request)
        found = verdict(user, form.cleaned_data["code"])
        if found.answer is Answer.GOOD:
            return _let_in(request, user, found, next_page)
        if found.answer is Answer.WRONG:
            lock_out.count_failure(request, user.get_username())
            if lock_out.is_locked_out(request, user.get_username()):
                return _locked_out(request)
        form.add_error(None, why_not(found))
    return _page(request, form)


def why_not(found: Verdict) -> str:
    if found.answer is Answer.WRONG:
        return _now("This code is wrong, or was used before. Enter the one that the app shows now.")
    return ngettext(
        "A wrong code was entered just before. Wait %(seconds)d second, then enter the code that "
        "the app shows then.",
        "Wrong codes were entered just before. Wait %(seconds)d seconds, then enter the code that "
        "the app shows then.",
        found.wait_seconds,
    ) % {"seconds": found.wait_seconds}


def _let_in(request: HttpRequest, user: User, found: Verdict, next_page: str) -> HttpResponse:
    stop_waiting(request)
    user.otp_device = found.device  # type: ignore[attr-defined]  # django_otp puts it into the session.
    login(request, user, BACKEND)
    if found.by_backup_code:
        write_down(user, Deed.BACKUP_CODE_USED)
        left = backup_codes_left(user)
        said = ngettext(
            "That backup code is used up. You have %(left)d left.",
            "That backup code is used up. You have %(left)d left.",
            left,
        )
        messages.warning(request, said % {"left": left})
    return redirect(next_page)


def _locked_out(request: HttpRequest) -> HttpResponse:
    """Back at the password when it is over."""
    stop_waiting(request)
    return _page(request, None, locked_out=lock_out.sentence(), status=TOO_MANY_REQUESTS)


def _page(
    request: HttpRequest, form: CodeForm | None, *, locked_out: str = "", status: int = 200
) -> HttpResponse:
    with_backup_code = "backup" in request.GET
    if form is not None and with_backup_code:
        form.ask_for_a_backup_code()
    context = {
        **admin.site.each_context(request),
        "title": _now("Log in"),
        "with_backup_code": with_backup_code,
        "form": form,
        "locked_out": locked_out,
    }
    return TemplateResponse(request, "staff/log_in_code.html", context, status=status)
