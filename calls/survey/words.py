"""What is said and written to a caller who is asked, in the agent's language."""

from django.utils import translation
from django.utils.translation import gettext as _


def spoken_question(own: str, language: str) -> str:
    """`own` is the agent's, if its page has one."""
    with translation.override(language):
        return own.strip() or _("Before you go: how was this call, from one to five?")


def goodbye_after(goodbye: str, language: str) -> str:
    """To somebody who has answered."""
    with translation.override(language):
        return _("Thank you. %(goodbye)s") % {"goodbye": goodbye}


def written_question(own: str, business: str, language: str) -> str:
    with translation.override(language):
        question = own.strip() or _("How was the call, from 1 (poor) to 5 (very good)?")
        return _(
            "%(business)s here, thank you for calling. %(question)s Just answer with the number."
        ) % {"business": business, "question": question}


def written_again(language: str) -> str:
    with translation.override(language):
        return _("Sorry, I did not understand. Please answer with one number from 1 to 5.")
