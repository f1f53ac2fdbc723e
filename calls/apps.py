"""The calls app: its checks, and the warm-up of a process that answers calls."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class CallsConfig(AppConfig):
    name = "calls"
    verbose_name = _("Calls")

    def ready(self) -> None:
        from calls import checks, warmup  # noqa: F401  (importing registers the checks)
        from calls.tool_usage import tool_usage
        from catalog.tool_usage import count_with

        count_with(tool_usage)
        warmup.warm()
        if settings.DOES_CHORES:
            from calls import daily_round

            daily_round.begin()
