"""Prompts: a text that tells the agent how to behave, and every version of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Prompt(models.Model):
    """What agents are told. They are told its published version, and nothing else of it."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    published = models.ForeignKey(
        "catalog.PromptVersion",
        on_delete=models.RESTRICT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("published version"),
    )

    class Meta:
        ordering = ("name",)
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")

    def __str__(self) -> str:
        return self.name

    @property
    def newest(self) -> "PromptVersion | None":
        return self.versions.order_by("-version").first()


class PromptVersion(models.Model):
    """One version of a prompt. It is never changed."""

    prompt = models.ForeignKey(
        Prompt, on_delete=models.CASCADE, related_name="versions", verbose_name=_("prompt")
    )
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    author_name = models.CharField(_("author"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    published_at = models.DateTimeField(_("first published"), null=True, editable=False)

    class Meta:
        ordering = ("prompt", "-version")
        verbose_name = _("prompt version")
        verbose_name_plural = _("prompt versions")
        constraints = (
            models.UniqueConstraint(
                fields=("prompt", "version"), name="catalog_prompt_version_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.prompt} v{self.version}"
