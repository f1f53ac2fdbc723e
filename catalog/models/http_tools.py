"""Tools that staff make without code: one HTTP request each."""

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

tool_name = RegexValidator(
    r"^[a-z][a-z0-9_]{0,63}\Z", _("Small letters, digits and underscores, a letter first.")
)


class HttpTool(models.Model):
    """Its stage, and whether it is switched on, stand in the row of its name in Tool."""

    class Method(models.TextChoices):
        GET = "GET", "GET"
        POST = "POST", "POST"
        PUT = "PUT", "PUT"
        PATCH = "PATCH", "PATCH"
        DELETE = "DELETE", "DELETE"

    name = models.CharField(
        _("name"),
        max_length=64,
        unique=True,
        validators=[tool_name],
        help_text=_("As the agent calls it, such as order_status."),
    )
    description = models.TextField(
        _("what the agent is told"),
        help_text=_("What it does and when to use it, in a sentence or two."),
    )
    method = models.CharField(_("method"), max_length=8, choices=Method, default=Method.GET)
    url = models.CharField(
        _("address"),
        max_length=1000,
        help_text=_("https only. {name} stands for the value of a parameter."),
    )
    headers = models.TextField(
        _("headers"),
        blank=True,
        help_text=_(
            "One a line, such as: Authorization: Bearer {TOOL_SECRET_CRM}. Secrets stay in the "
            "server's environment; only their names stand here."
        ),
    )
    body = models.TextField(
        _("body"),
        blank=True,
        help_text=_("JSON; {name} stands for the value of a parameter. Empty: no body."),
    )
    timeout_seconds = models.FloatField(
        _("patience"),
        default=5.0,
        validators=[MinValueValidator(0.5), MaxValueValidator(5.0)],
        help_text=_("Seconds, 5 at most. Then the agent says that it did not work."),
    )
    changes_something = models.BooleanField(
        _("changes something"),
        default=False,
        help_text=_("Such as an order or a message: the same request is then sent once a call."),
    )

    class Meta:
        ordering = ("name",)
        verbose_name = _("HTTP tool")
        verbose_name_plural = _("HTTP tools")

    def __str__(self) -> str:
        return self.name


class HttpToolParameter(models.Model):
    """What the agent fills in."""

    class Kind(models.TextChoices):
        TEXT = "string", _("Text")
        INTEGER = "integer", _("Whole number")
        NUMBER = "number", _("Number")
        YES_OR_NO = "boolean", _("Yes or no")

    tool = models.ForeignKey(
        HttpTool,
        on_delete=models.CASCADE,
        related_name="parameters",
        verbose_name=_("HTTP tool"),
    )
    name = models.CharField(_("name"), max_length=64, validators=[tool_name])
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TEXT)
    description = models.CharField(
        _("description"), max_length=300, blank=True, help_text=_("What the agent puts there.")
    )
    required = models.BooleanField(_("required"), default=True)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        constraints = (
            models.UniqueConstraint(
                fields=("tool", "name"),
                name="catalog_http_tool_parameter_once",
                violation_error_message=_("There is a parameter of this name already."),
            ),
        )

    def __str__(self) -> str:
        return self.name
