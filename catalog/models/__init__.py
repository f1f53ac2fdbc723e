"""What staff edit in the admin; a call reads it only through catalog/snapshot.py."""

from catalog.models.agents import Agent
from catalog.models.clips import Clip, Recording
from catalog.models.hours import OpeningHours
from catalog.models.http_tools import HttpTool, HttpToolParameter
from catalog.models.mcp_servers import McpConnection, McpServer
from catalog.models.numbers import PhoneNumber
from catalog.models.processes import ServingProcess
from catalog.models.prompts import Prompt, PromptVersion
from catalog.models.revisions import CatalogRevision
from catalog.models.tools import Tool
from catalog.models.transfer_targets import TransferTarget

__all__ = [
    "Agent",
    "CatalogRevision",
    "Clip",
    "HttpTool",
    "HttpToolParameter",
    "McpConnection",
    "McpServer",
    "OpeningHours",
    "PhoneNumber",
    "Prompt",
    "PromptVersion",
    "Recording",
    "ServingProcess",
    "Tool",
    "TransferTarget",
]
