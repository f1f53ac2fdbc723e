#!/usr/bin/env python
"""Django's command line for voiceagent."""

import os
import sys

from voiceagent import event_loop


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "voiceagent.settings")
    if sys.argv[1:2] == ["serve"]:
        event_loop.use_the_fastest()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
