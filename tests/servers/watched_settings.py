"""The product's settings, for a server that is searched for what it should keep to itself."""

from tests.browser.site_settings import *  # noqa: F403

ROOT_URLCONF = "tests.voiceagent.broken_urls"
