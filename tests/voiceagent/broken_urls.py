"""The product's addresses, and one whose view fails."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from voiceagent.urls import urlpatterns as ours


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("A view failed, as a test wants it to.")


urlpatterns = [path("broken", broken), *ours]
