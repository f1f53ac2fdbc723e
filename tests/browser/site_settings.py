"""The product's settings, for a server whose uploads are thrown away with its test."""

import os
from pathlib import Path

from voiceagent.settings import *  # noqa: F403

MEDIA_ROOT = Path(os.environ["MEDIA_ROOT_OF_TEST"])
