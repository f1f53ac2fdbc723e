"""What the line about the live revision says, as a page shows it and as a script asks for it."""

import hashlib
from dataclasses import dataclass

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from catalog.serving import Serving, ServingState, serving

# How soon it is asked again: often while something is about to change.
POLL_MS = {ServingState.COMING: 1_000, ServingState.STUCK: 3_000}
USUAL_POLL_MS = 15_000


@dataclass(frozen=True, slots=True)
class ServingLine:
    html: SafeString
    key: str  # changes when the line does
    poll_ms: int


def serving_line(request: HttpRequest) -> ServingLine:
    """In the reader's language; with links for those who may follow them."""
    now: Serving = serving()
    html = render_to_string(
        "catalog/serving_line.html",
        {
            "serving": now,
            "sentence": now.sentence(),
            "linked": request.user.has_perm("catalog.view_catalogrevision"),
        },
    )
    key = hashlib.sha256(html.encode()).hexdigest()[:16]
    return ServingLine(html, key, POLL_MS.get(now.state, USUAL_POLL_MS))
