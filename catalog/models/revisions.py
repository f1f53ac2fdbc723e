"""Revisions: the whole published catalog, once for each time it changed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CatalogRevision(models.Model):
    """What callers got from this moment on, complete: calls are served from the newest.

    Only ever added to. A revision that is rolled back to is published again under a new number.
    """

    document = models.JSONField(default=list)  # catalog/document.py reads and writes it
    cause = models.CharField(_("cause"), max_length=200, blank=True)
    author_name = models.CharField(_("author"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("published"), auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        get_latest_by = "pk"
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")

    def __str__(self) -> str:
        return _("Revision %(number)s") % {"number": self.pk}
