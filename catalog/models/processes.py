"""Processes that answer calls, and the revision each of them works from."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServingProcess(models.Model):
    """One row for each process, written by that process alone, every few seconds."""

    process_id = models.CharField(max_length=32, primary_key=True)
    host = models.CharField(_("machine"), max_length=255)
    pid = models.PositiveIntegerField(_("process"))
    revision = models.PositiveBigIntegerField(_("revision"), null=True)
    problem = models.TextField(_("problem"), blank=True)
    started_at = models.DateTimeField(_("started"))
    seen_at = models.DateTimeField(_("last heard of"))

    class Meta:
        ordering = ("host", "pid")
        verbose_name = _("serving process")
        verbose_name_plural = _("serving processes")

    def __str__(self) -> str:
        return f"{self.host} ({self.pid})"
