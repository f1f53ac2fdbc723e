"""What managers read for the names that a call's record keeps: its events and tool outcomes."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "taken over": _("Taken over from another server"),
    "taken over, catalog read anew": _(
        "Taken over from another server; its revision was read for this call"
    ),
    "taken over, another catalog": _(
        "Taken over from another server; the revision in use is another"
    ),
    "first audio": _("First audio sent"),
    "greeting heard": _("Greeting heard to its end"),
    "greeting interrupted": _("Greeting interrupted"),
    "agent ready": _("Agent ready"),
    "customer in the prompt": _("Customer in the prompt"),
    "first model token": _("First word from the model"),
    "reply not spoken": _("A reply could not be spoken"),
    "tool request unreadable": _("The model's request for a tool could not be read"),
    "too many tools": _("The model asked for one tool after another"),
    "transferred": _("Transferred"),
    "transfer failed": _("The transfer failed"),
    "transfer not answered": _("Nobody took the transfer"),
    "stream-started": _("Stream started, says Twilio"),
    "stream-stopped": _("Stream stopped, says Twilio"),
    "stream-error": _("Stream failed, says Twilio"),
}
OUTCOMES = {
    "ok": _("done"),
    "refused": _("refused"),
    "invalid": _("wrong arguments"),
    "timeout": _("took too long"),
    "error": _("failed"),
    "repeated": _("done already"),
    "interrupted": _("stopped: the caller spoke"),
    "quota": _("asked for too often"),
    "not-offered": _("not among its tools"),
}
