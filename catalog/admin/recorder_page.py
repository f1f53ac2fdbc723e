"""Pages with the recorder may do what no other may: use the microphone, and play what it took."""

from collections.abc import Callable
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django_permissions_policy.decorators import permissions_policy_override

MAY_RECORD: dict[str, str | list[str] | tuple[str]] = {
    **settings.PERMISSIONS_POLICY,
    "microphone": ["self"],
}
MAY_PLAY_IT = {"media-src": [SELF, "blob:"]}


def recorder_page(view: Callable[..., Any]) -> Callable[..., Any]:
    """For the view of a page that has one."""
    return permissions_policy_override(MAY_RECORD)(csp_update(MAY_PLAY_IT)(view))
