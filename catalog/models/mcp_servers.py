"""Remote MCP servers whose tools the agents may use, and how each process gets on with them."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.processes import ServingProcess
from catalog.stages import Stage


class McpServer(models.Model):
    """Its tools are offered as name_tool, each with a row of that name in Tool once it is known."""

    name = models.CharField(
        _("name"),
        max_length=16,
        unique=True,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9]{0,15}\Z", _("Small letters and digits, 16 at most."))
        ],
        help_text=_("Stands before the names of its tools: with crm, search becomes crm_search."),
    )
    url = models.CharField(
        _("address"), max_length=1000, help_text=_("Of its streamable HTTP endpoint, https.")
    )
    headers = models.TextField(
        _("headers"),
        blank=True,
        help_text=_(
            "One a line, such as: Authorization: Bearer {TOOL_SECRET_CRM}. Secrets stay in the "
            "server's environment; only their names stand here."
        ),
    )
    stage = models.CharField(
        _("stage of new tools"),
        max_length=16,
        choices=Stage,
        default=Stage.FULL,
        help_text=_("For tools that it did not offer before. Each can be moved in the tool list."),
    )
    enabled = models.BooleanField(_("enabled"), default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("MCP server")
        verbose_name_plural = _("MCP servers")

    def __str__(self) -> str:
        return self.name


class McpConnection(models.Model):
    """How one process gets on with one server, written by that process."""

    process = models.ForeignKey(ServingProcess, on_delete=models.CASCADE, related_name="+")
    server_name = models.CharField(max_length=16)
    connected = models.BooleanField(default=False)
    problem = models.CharField(max_length=300, blank=True)
    tools = models.JSONField(default=list)  # each a catalog.tools.mcp_seen.SeenTool
    since = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("process", "server_name"), name="catalog_mcp_connection_once"
            ),
        )

    def __str__(self) -> str:
        return self.server_name
