"""The catalog app: connects what reacts to edits, and registers its checks."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalog")

    def ready(self) -> None:
        from catalog import checks, receivers

        receivers.connect(self)
        checks.connect()
