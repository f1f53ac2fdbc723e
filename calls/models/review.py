"""What a manager thinks of a call: the only part of its record that people write."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.call import Call


class CallReview(models.Model):
    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="review")
    rating = models.PositiveSmallIntegerField(
        _("rating"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    tags = models.CharField(
        _("tags"), max_length=200, blank=True, help_text=_("Separated by commas.")
    )
    note = models.TextField(_("note"), blank=True, max_length=4_000)
    author_name = models.CharField(_("reviewed by"), max_length=150, blank=True)
    changed_at = models.DateTimeField(_("reviewed at"), auto_now=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"{_('Review')} {self.pk}"
