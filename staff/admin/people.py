"""Users and groups, which only superusers see and change."""

from operator import attrgetter
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import ManyToManyField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# Imported first: they show keys and backup codes on pages of their own.
from django_otp.plugins.otp_static import admin as backup_codes_admin
from django_otp.plugins.otp_totp import admin as apps_admin
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from staff.admin.log_ins import LogIns

admin.site.unregister((User, Group))
admin.site.unregister((backup_codes_admin.StaticDevice, apps_admin.TOTPDevice))


class SuperusersOnly:
    """Whoever may change users can make themselves a superuser: so nobody else may."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)


@admin.register(User)
class UserAdmin(SuperusersOnly, LogIns, StockUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = (
        "username",
        "first_name",
        "last_name",
        "is_active",
        "is_staff",
        "is_superuser",
        "two_step",
    )
    list_filter = ("groups", "is_active", "is_superuser")
    filter_horizontal = ()
    autocomplete_fields = ("groups",)
    # Single rights are given to groups: who may do what is then seen in one place.
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), "email")}),
        (_("Role"), {"fields": ("groups", "is_active", "is_staff", "is_superuser")}),
        (_("Logging in"), {"fields": (("two_step_state", "locked_out"),)}),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )
    readonly_fields = ("two_step_state", "locked_out", "last_login", "date_joined")
    actions = ("unlock", "reset_two_step")


@admin.register(Group)
class GroupAdmin(SuperusersOnly, StockGroupAdmin, ModelAdmin):
    filter_horizontal = ()  # its two boxes are wider than the page

    def formfield_for_manytomany(
        self,
        db_field: "ManyToManyField[Any, Any]",
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> Any:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        # “Can change clip”: with app and model before it, it is wider than a telephone.
        field.label_from_instance = attrgetter("name")
        return field
