"""The staff app: from its start on, changes and reads are written down."""

from django.apps import AppConfig
from django.contrib.admin import apps as django_admin
from django.utils.translation import gettext_lazy as _


class StaffConfig(AppConfig):
    default = True
    name = "staff"
    verbose_name = _("Staff")

    def ready(self) -> None:
        from staff import audit, checks, idle_sessions  # noqa: F401 (The checks register themselves.)

        audit.connect()
        idle_sessions.connect()


class StaffAdminConfig(django_admin.AdminConfig):
    """In the place of django.contrib.admin: the same pages, by our site."""

    default = False
    default_site = "staff.admin_site.StaffSite"
