"""Which version callers get, and whether a newer one is waiting to be published."""

from django.utils.translation import gettext as _

STATE_COLOURS = {"live": "success", "waiting": "info", "draft": "warning"}


def live_state(published: int | None, newest: int) -> tuple[str, str]:
    """(a key of STATE_COLOURS, what it says). `published` is None for what never was."""
    if published is None:
        return "draft", _("Draft")
    if newest > published:
        return "waiting", _("Version %(live)d, draft %(newest)d") % {
            "live": published,
            "newest": newest,
        }
    return "live", _("Version %(version)d") % {"version": published}
