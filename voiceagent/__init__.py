"""The Django project: settings, URLs, ASGI, logging. No behaviour."""
