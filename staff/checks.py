"""What would keep people from logging in safely, as Django system checks."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.utils.translation import gettext as _


@register(deploy=True)
def proxies_are_counted(**kwargs: Any) -> list[CheckMessage]:
    """This server speaks no TLS by itself: where its address is https, a proxy does."""
    if settings.TRUSTED_PROXIES or not settings.SERVED_OVER_TLS:
        return []
    return [
        Warning(
            _("Everybody who logs in has the proxy's address: strangers can lock staff out."),
            hint=_("Set TRUSTED_PROXIES to the number of proxies before this server."),
            id="staff.W001",
        )
    ]
