"""The catalog app: connects what reacts to edits, and registers its checks."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalog")

    def ready(self) -> None:
        from catalog import checks, receivers
        from catalog.tools import custom

        # In every process alike, before anything asks which tools there are.
        custom.load(settings.CUSTOM_TOOLS_DIR)
        receivers.connect(self)
        checks.connect()
