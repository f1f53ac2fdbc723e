"""rehearsal/providers/named_tools.py: tools that callers ask for by name."""

import pytest

from rehearsal.providers.answers import CallTool
from rehearsal.providers.named_tools import tool_asked_for

OFFERED = frozenset({"crm_search", "get_current_time"})


@pytest.mark.parametrize(
    ("words", "call"),
    [
        (
            "Please use the tool crm search with query Ana Lopes.",
            CallTool("crm_search", {"query": "Ana Lopes"}),
        ),
        ("use the tool CRM_search", CallTool("crm_search")),
        ("Use the tool get current time, please", None),
        ("Use the tool crm delete with query Ana.", None),
        ("What tools do you have?", None),
    ],
)
def test_a_tool_is_called_by_its_name_if_it_is_offered(words: str, call: CallTool | None) -> None:
    assert tool_asked_for(words, OFFERED) == call
