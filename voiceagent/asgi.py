"""The ASGI application that Daphne, uvicorn and `manage.py serve` run."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceagent.settings")
# Whoever imports this file before the settings are read is an ASGI server: it answers calls.
os.environ.setdefault("SERVES_CALLS", "true")

from django.core.asgi import get_asgi_application

# First: this loads the apps, which the imports below need.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter
from django.conf import settings

from calls.routing import not_found, short_way, websockets

application = ProtocolTypeRouter(
    {
        "http": short_way(django_application if settings.SERVES_ADMIN else not_found),
        "websocket": websockets,
    }
)
