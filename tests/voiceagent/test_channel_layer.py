"""The channel layer that the settings choose."""

from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer
from django.utils.module_loading import import_string

from voiceagent.channel_layer import channel_layer


def test_without_redis_it_is_in_memory() -> None:
    assert import_string(channel_layer("")["BACKEND"]) is InMemoryChannelLayer


def test_a_redis_that_has_no_message_is_not_taken_for_dead() -> None:
    chosen = channel_layer("redis://127.0.0.1:6379")
    assert import_string(chosen["BACKEND"]) is RedisChannelLayer
    [host] = chosen["CONFIG"]["hosts"]
    assert host["socket_timeout"] > 2 * RedisChannelLayer.brpop_timeout
