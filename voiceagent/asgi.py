"""The ASGI application that Daphne, uvicorn and `manage.py serve` run."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceagent.settings")
# Whoever imports this file before the settings are read is an ASGI server: it answers calls.
if not settings.configured and not os.environ.get("SERVES_CALLS"):
    os.environ["SERVES_CALLS"] = "true"

# First: this loads the apps, which the imports below need.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter

from calls.routing import not_found, short_way, websockets

application = ProtocolTypeRouter(
    {
        "http": short_way(django_application if settings.SERVES_ADMIN else not_found),
        "websocket": websockets,
    }
)
