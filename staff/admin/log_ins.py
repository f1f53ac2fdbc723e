"""How somebody logs in, on the pages of users: two-step log-in, and being locked out."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from staff import lock_out
from staff.deeds import Deed
from staff.second_factor.devices import app_of, backup_codes_left, remove, with_devices
from staff.unlocking import unlock


class LogIns:
    """For the ModelAdmin of users, before its base."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request)  # type: ignore[misc]
        return with_devices(users)

    @display(description=_("two-step log-in"), boolean=True)
    def two_step(self, user: Any) -> bool:
        return user.app_pk is not None

    @display(description=_("two-step log-in"))
    def two_step_state(self, user: User) -> str:
        app = app_of(user)
        if app is None:
            return _now("Off")
        left = backup_codes_left(user)
        since = date_format(timezone.localtime(app.created_at), "DATE_FORMAT")
        return ngettext(
            "On since %(day)s, with %(left)d backup code left",
            "On since %(day)s, with %(left)d backup codes left",
            left,
        ) % {"day": since, "left": left}

    @display(description=_("locked out"))
    def locked_out(self, user: User) -> str:
        locks = lock_out.locks_of(user)
        if not locks:
            return _now("No")
        until = date_format(timezone.localtime(max(lock.until for lock in locks)), "TIME_FORMAT")
        where = ", ".join(lock.address for lock in locks)
        return _now("Until %(time)s, from %(addresses)s") % {"time": until, "addresses": where}

    @admin.action(description=_("Unlock after failed log-ins"), permissions=("change",))
    def unlock(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            unlock(user)
            said = _now("%(name)s can log in again.") % {"name": user.get_username()}
            messages.success(request, said)

    @admin.action(description=_("Reset two-step log-in"), permissions=("change",))
    def reset_two_step(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            name = {"name": user.get_username()}
            if (
                user.pk == request.user.pk
            ):  # That page asks for a code: this desk may be unattended.
                said = _now("Turn your own off on your page for two-step log-in.")
                messages.error(request, said)
            elif remove(user, Deed.RESET):
                said = _now("%(name)s now logs in with the password alone.") % name
                messages.success(request, said)
            else:
                said = _now("%(name)s has not set up two-step log-in.") % name
                messages.warning(request, said)
