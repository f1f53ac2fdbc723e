"""The Django project: settings, URLs, ASGI, logging. No behaviour."""

import os

# The library that runs the speech models reports to its maker (mobile.events.data.microsoft.com)
# and leaves a database in the home folder. Before it is imported, this keeps it from both.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
