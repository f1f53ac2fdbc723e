"""How far a journal of the call log has become rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JournalPosition(models.Model):
    """Moves in the same transaction as the rows, so nothing in a journal is applied twice."""

    name = models.CharField(max_length=80, primary_key=True)
    position_bytes = models.PositiveBigIntegerField(default=0)
    moved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("journal position")
        verbose_name_plural = _("journal positions")

    def __str__(self) -> str:
        return f"{self.name} {self.position_bytes}"
