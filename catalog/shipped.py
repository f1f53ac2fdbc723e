"""Is this still what came with voiceagent, and not the business's own?"""

import hashlib

from catalog.models import PromptVersion, Recording

# Of the prompt that catalog/migrations/0002_default_rows.py makes; a test compares the two.
PROMPT_SHA256 = "48e9a8854032cac5b8f303b6ad2407571110f230f23af6d5b8a1e226a1c592c6"


def is_shipped_sound(recording: Recording) -> bool:
    """Also when its words were corrected since: that is another version with the same sound."""
    shipped = Recording.objects.filter(source=Recording.Source.SHIPPED)
    return shipped.filter(sha256=recording.sha256).exists()


def is_shipped_prompt(version: PromptVersion) -> bool:
    return hashlib.sha256(version.text.strip().encode()).hexdigest() == PROMPT_SHA256
