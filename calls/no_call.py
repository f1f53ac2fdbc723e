"""What tools are given when they are tried out and there is no call."""

from django.utils.translation import gettext as _

from calls.session_tools import SessionTools
from catalog.tools.context import ToolError, TransferTarget


class NoCall(SessionTools):
    """An agent's business and a caller, and nobody on the line."""

    async def end_call(self, goodbye: str) -> None:
        raise ToolError(_("There is no call that could be ended."))

    async def transfer(self, target: TransferTarget, announcement: str, summary: str) -> None:
        raise ToolError(_("There is no call that could be put through."))

    async def send_whatsapp(self, text: str) -> None:
        raise ToolError(_("There is no call, and nobody is sent a message."))
