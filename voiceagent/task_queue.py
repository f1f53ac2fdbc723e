"""Where background tasks wait: Django's TASKS, and django-rq's RQ_QUEUES if that is in Redis."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

# Well above the deadline of every task: what runs longer hangs, and is killed by the worker.
LONGEST_SECONDS = 120


def task_queue(*, in_redis: bool, redis_url: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Raises ImproperlyConfigured if there is no Redis for it."""
    if not in_redis:
        return {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}, {}
    if not redis_url:
        raise ImproperlyConfigured("TASK_BACKEND=redis needs REDIS_URL.")
    more = "&" if "?" in redis_url else "?"
    url = f"{redis_url}{more}socket_connect_timeout=3&socket_timeout=10"  # workers: their own
    queue = {"URL": url, "DEFAULT_TIMEOUT": LONGEST_SECONDS}
    return {"default": {"BACKEND": "django_tasks_rq.RQBackend"}}, {"default": queue}
