"""One's own page for two-step log-in: set it up, make new backup codes, turn it off."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp import login as remember_device
from django_otp.models import Device

from staff import lock_out
from staff.deeds import Deed
from staff.log_in.code_step import CodeForm, why_not
from staff.second_factor import devices
from staff.second_factor.codes import Answer, Verdict, try_on, verdict
from staff.second_factor.picture import key_in_letters, qr_code
from staff.second_factor.standing import Standing, standing


@dataclass(frozen=True, slots=True)
class Done:
    """What a post led to: another page, or what is shown on this one, and only now."""

    go: HttpResponse | None = None
    form: CodeForm | None = None
    new_codes: list[str] = field(default_factory=list)


@sensitive_post_parameters()
def second_factor_page(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    done = Done()
    if request.method == "POST":
        what = next((name for name in ACTIONS if name in request.POST), "")
        done = ACTIONS[what](request, user) if what else Done(redirect("admin:second_factor"))
    if done.go is not None:
        return done.go
    return TemplateResponse(request, "staff/second_factor.html", _context(request, user, done))


def _context(request: HttpRequest, user: User, done: Done) -> dict[str, Any]:
    app, coming = devices.app_of(user), devices.being_set_up(user)
    must = standing(request) is Standing.MUST_SET_UP
    context = {
        **admin.site.each_context(request),
        "title": _("Two-step log-in"),
        "must_set_up": must,
        "required": settings.REQUIRE_TOTP,
        "app": app,
        "form": done.form or CodeForm(),
        "new_codes": done.new_codes,
        "codes_left": devices.backup_codes_left(user) if app else 0,
    }
    if must:  # Every link of the menu would lead back here.
        context["is_nav_sidebar_enabled"] = False
    if coming is not None and app is None:
        context |= {"qr_code": qr_code(coming), "key": key_in_letters(coming)}
    return context


def _begin(request: HttpRequest, user: User) -> Done:
    if devices.app_of(user) is None:
        devices.begin(user)
    return Done(redirect("admin:second_factor"))


def _give_up(request: HttpRequest, user: User) -> Done:
    devices.give_up(user)
    return Done(redirect("admin:second_factor"))


def _confirm(request: HttpRequest, user: User) -> Done:
    """The first code of the app. From then on every other session of this person ends."""
    device = devices.being_set_up(user)
    if device is None or devices.app_of(user) is not None:
        return Done(redirect("admin:second_factor"))
    form = CodeForm(request.POST)
    if not form.is_valid():
        return Done(form=form)
    with transaction.atomic():
        locked = Device.from_persistent_id(device.persistent_id, for_verify=True)
        found = try_on(locked, form.cleaned_data["code"].replace(" ", ""))
    if found.answer is not Answer.GOOD:
        form.add_error(None, why_not(found))
        return Done(form=form)
    codes = devices.finish(locked)
    request.session.cycle_key()
    remember_device(request, locked)
    return Done(new_codes=codes)


def _new_codes(request: HttpRequest, user: User) -> Done:
    found, form = _checked(request, user)
    if found.answer is not Answer.GOOD:
        return Done(form=form)
    return Done(new_codes=devices.new_backup_codes(user))


def _turn_off(request: HttpRequest, user: User) -> Done:
    found, form = _checked(request, user)
    if found.answer is not Answer.GOOD:
        return Done(form=form)
    devices.remove(user, Deed.TURNED_OFF)
    request.session.pop(DEVICE_ID_SESSION_KEY, None)
    messages.success(request, _("Two-step log-in is off: your password alone is asked for."))
    return Done(redirect("admin:second_factor"))


def _checked(request: HttpRequest, user: User) -> tuple[Verdict, CodeForm]:
    """A code is asked for again: somebody else may be sitting at the desk."""
    form = CodeForm(request.POST)
    wrong = Verdict(Answer.WRONG)
    if not form.is_valid():
        return wrong, form
    if lock_out.is_locked_out(request, user.get_username()):
        form.add_error(None, lock_out.sentence())
        return wrong, form
    found = verdict(user, form.cleaned_data["code"])
    if found.answer is Answer.WRONG:
        lock_out.count_failure(request, user.get_username())
    if found.answer is not Answer.GOOD:
        form.add_error(None, why_not(found))
    return found, form


ACTIONS = {
    "begin": _begin,
    "confirm": _confirm,
    "give-up": _give_up,
    "new-codes": _new_codes,
    "turn-off": _turn_off,
}
