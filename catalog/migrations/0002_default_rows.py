"""A first agent that can answer: prompt, greeting clip, agent. Staff change them in the admin."""

import hashlib
import json
from pathlib import Path

from django.db import migrations

HERE = Path(__file__).resolve().parent.parent / "default_greeting"

GREETING = (
    "Thank you for calling Silver Birch Dental. This is our virtual assistant. How can I help you?"
)

APOLOGY = (
    "I am sorry, something is not working here at the moment. "
    "Please call again in a few minutes. Goodbye."
)

PROMPT = """\
You are the receptionist of {business_name}, on the telephone. Today is {today}.

How you speak
- You are heard, not read: one or two short sentences at a time, no lists, no symbols, no markup.
- Say times and numbers as people say them: nine in the morning, half past two.
- Ask one question at a time. If you did not understand, say so and ask again.
- You have already greeted the caller: do not greet again.

What you know
- The opening hours are Monday to Friday from 9 in the morning to 6 in the evening. On Saturday the \
clinic is open from 9 in the morning to 1 in the afternoon. On Sunday it is closed.
- The clinic offers check-ups, cleaning, fillings, crowns and emergency visits on the same day.
- Prices, medical advice and anything else you were not told: say that a colleague will call back.

What you do
- Use a tool when it gives the answer; never invent what a tool would have said.
- When the caller says goodbye or needs nothing more, end the call.
"""


def create_clip(apps, name, text, file_name, words):
    audio = (HERE / file_name).read_bytes()
    # Historical models have no save() of ours: what it works out is written here.
    clip, _ = apps.get_model("catalog", "Clip").objects.get_or_create(
        name=name,
        defaults={
            "text": text,
            "words": words,
            "mulaw": audio,
            "duration_ms": len(audio) // 8,
            "loudness_lufs": -19.0,
            "sha256": hashlib.sha256(audio).hexdigest(),
        },
    )
    return clip


def create_rows(apps, schema_editor):
    if apps.get_model("catalog", "Agent").objects.exists():
        return
    words = json.loads((HERE / "words.json").read_text())
    greeting = create_clip(apps, "Default greeting", GREETING, "greeting.ulaw", words)
    apology = create_clip(apps, "Default apology", APOLOGY, "apology.ulaw", [])
    prompt, _ = apps.get_model("catalog", "Prompt").objects.get_or_create(
        name="Receptionist",
        version=1,
        defaults={"text": PROMPT, "note": "Ships with voiceagent."},
    )
    apps.get_model("catalog", "Agent").objects.create(
        name="Reception",
        business_name="Silver Birch Dental",
        language="en",
        prompt=prompt,
        greeting_text=GREETING,
        greeting_clip=greeting,
        apology_clip=apology,
        greeting_policy="interruptible",
        tools_at_start="critical",
        tools_later="essential",
        is_default=True,
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunPython(create_rows, migrations.RunPython.noop)]
