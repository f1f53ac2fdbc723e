"""The catalog app: connects what reacts to edits, and registers its checks."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalog"

    def ready(self) -> None:
        from catalog import checks, receivers

        receivers.connect(self)
        checks.connect()
