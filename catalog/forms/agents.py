"""An agent as staff change it; what a colleague saved meanwhile is not undone unseen."""

import hashlib
import json
from typing import Any

from django import forms
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _

from catalog.models import Agent


class AgentForm(forms.ModelForm):  # type: ignore[type-arg]
    # What the agent was when the page was opened: saving is live at once, with every field.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Agent
        fields = ("name",)  # The admin adds those of its page.

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = fingerprint(self.instance) if self.instance.pk else ""
        if "seen" in self.fields:
            self.fields["seen"].initial = self._now

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        seen = cleaned.get("seen", "")
        if seen and seen != self._now:
            # Once: the page that comes back is based on the agent as it is now.
            posted: Any = self.data
            posted = posted.copy()
            posted[self.add_prefix("seen")] = self._now
            self.data = posted
            self.add_error(
                None,
                _(
                    "While you were at it, somebody else changed this agent. See its history; "
                    "save again to put what stands here in its place."
                ),
            )
        return cleaned


def fingerprint(agent: Agent) -> str:
    """Of the agent, and of all that is entered on its page beside it."""
    beside = [
        list(rows.order_by("pk").values())
        for rows in (agent.numbers, agent.hours, agent.transfer_targets)
    ]
    state = json.dumps([model_to_dict(agent), beside], default=str, sort_keys=True)
    return hashlib.sha256(state.encode()).hexdigest()[:16]
