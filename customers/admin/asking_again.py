"""What a call writes between the check of a form and its saving is no error of the server."""

from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse


class AsksAgain:
    """For a ModelAdmin, before its base."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Where the database refuses what the form let pass, the form is checked once more.

        By then it sees the other row, and says in a sentence what is wrong. Nothing was saved: the
        first attempt is one transaction. A second refusal is a fault, and is raised.
        """
        ask: Any = super()
        try:
            response: HttpResponse = ask.changeform_view(request, *args, **kwargs)
        except IntegrityError:
            response = ask.changeform_view(request, *args, **kwargs)
        return response
