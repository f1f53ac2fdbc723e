"""The catalog as one JSON document: what a revision keeps, and what rolling back restores."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import serializers
from django.core.serializers.base import DeserializationError
from django.db import models
from django.utils.translation import gettext as _

from catalog.models import (
    Agent,
    Clip,
    HttpTool,
    HttpToolParameter,
    McpServer,
    OpeningHours,
    PhoneNumber,
    Prompt,
    Tool,
    TransferTarget,
)

# In the order in which rows can be restored: what others point to comes first. The recordings and
# prompt versions that `published` names are rows of their own, which nothing ever changes.
KEPT: tuple[type[models.Model], ...] = (
    Clip,
    Prompt,
    Agent,
    PhoneNumber,
    OpeningHours,
    Tool,
    TransferTarget,
    HttpTool,
    HttpToolParameter,
    McpServer,
)


class DocumentUnreadable(Exception):
    """This document is not one of a catalog."""


@dataclass(frozen=True, slots=True)
class CatalogDocument:
    """Rows as they were, not attached to the database: following a foreign key would query it."""

    clips: tuple[Clip, ...]
    prompts: tuple[Prompt, ...]
    agents: tuple[Agent, ...]
    numbers: tuple[PhoneNumber, ...]
    hours: tuple[OpeningHours, ...]
    tools: tuple[Tool, ...]
    transfer_targets: tuple[TransferTarget, ...] = ()
    http_tools: tuple[HttpTool, ...] = ()
    http_tool_parameters: tuple[HttpToolParameter, ...] = ()
    mcp_servers: tuple[McpServer, ...] = ()

    def rows(self) -> Iterable[tuple[type[models.Model], tuple[models.Model, ...]]]:
        """(model, its rows), in an order in which they can be restored."""
        kept = (
            self.clips,
            self.prompts,
            self.agents,
            self.numbers,
            self.hours,
            self.tools,
            self.transfer_targets,
            self.http_tools,
            self.http_tool_parameters,
            self.mcp_servers,
        )
        return zip(KEPT, kept, strict=True)


def read_tables() -> list[dict[str, Any]]:
    """The catalog as it stands in the tables: one query a model, none of which reads any audio."""
    # What points is read before what it points to: somebody else's commit in between can leave
    # its newest rows out of this document, and never an agent without its new clip in it.
    read = {model: list(_published(model).order_by("pk")) for model in reversed(KEPT)}
    rows = [row for model in KEPT for row in read[model]]
    document: list[dict[str, Any]] = json.loads(serializers.serialize("json", rows))
    return document


def _published(model: type[models.Model]) -> "models.QuerySet[models.Model]":
    rows = model._default_manager.all()
    return rows.filter(published__isnull=False) if model in (Clip, Prompt) else rows


def parse(document: object) -> CatalogDocument:
    """Rows written by an older version get today's defaults. Raises DocumentUnreadable."""
    rows: dict[type[models.Model], list[Any]] = {model: [] for model in KEPT}
    try:
        if not isinstance(document, list):
            raise TypeError("not a list of rows")
        for found in serializers.deserialize("python", document, ignorenonexistent=True):
            rows[type(found.object)].append(found.object)
    except (DeserializationError, KeyError, TypeError, AttributeError) as error:
        raise DocumentUnreadable(_("The record of this revision is damaged.")) from error
    return CatalogDocument(*(tuple(rows[model]) for model in KEPT))
