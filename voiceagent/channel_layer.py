"""Where the pages of live calls and the processes that carry those calls meet."""

from typing import Any

# channels_redis waits 5 s at a time for a message, and redis-py, by itself, 5 s for any answer: the
# listener was told that Redis is gone every five seconds, and was deaf for one second after it.
ANSWER_SECONDS = 15


def channel_layer(redis_url: str) -> dict[str, Any]:
    """In Redis, or without its address in the memory of this process."""
    if not redis_url:
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    host = {"address": redis_url, "socket_timeout": ANSWER_SECONDS}
    return {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [host]}}
