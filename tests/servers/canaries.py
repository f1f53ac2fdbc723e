"""Words that must not turn up where they do not belong: secrets of the environment, and callers."""

from tests.staff.front_door import PASSWORD as PASSWORD

# Each is long and of its own, so that a hit says what leaked.
SECRETS = {
    name: f"canary-{name.lower().replace('_', '-')}-5f0c9d27ab"
    for name in (
        "SECRET_KEY",
        "TWILIO_AUTH_TOKEN",
        "OPENAI_API_KEY",
        "CARTESIA_API_KEY",
        "SUPABASE_KEY",
        "METRICS_TOKEN",
        "MCP_SERVER_TOKEN",
        "TOOL_SECRET_CRM",
        "AWS_SECRET_ACCESS_KEY",
    )
}
DATABASE_PASSWORD = "canary-database-password-5f0c9d27ab"
REDIS_PASSWORD = "canary-redis-password-5f0c9d27ab"
COLLECTOR_KEY = "canary-collector-key-5f0c9d27ab"
OF_THE_ENVIRONMENT = {
    **SECRETS,
    "DATABASE_URL": DATABASE_PASSWORD,
    "REDIS_URL": REDIS_PASSWORD,
    "OTEL_EXPORTER_OTLP_HEADERS": COLLECTOR_KEY,
}

# Without the plus, and in no country's usual groups: as digits they are found in any spelling.
CALLER, DIALLED, SEARCHED = "12025550147", "12025550178", "12025550186"
NAME = "Quirina Zambujal"
SAID = "My xylophone has a toothache"
FACT = "Keeps a wombat called Brunhilde"
GUIDANCE = "Offer the marmalade"
TYPED = "typed-by-mistake-into-the-name"
OF_CALLERS = {
    "the caller's number": CALLER,
    "the number that was dialled": DIALLED,
    "a number that was searched": SEARCHED,
    "the customer's name": "Zambujal",
    "what was said": "xylophone",
    "what a tool was told": "Brunhilde",
    "what a colleague searched": "marmalade",
    "what was typed into the log-in page": TYPED,
    "a password": PASSWORD,
}


def hits(text: str, canaries: dict[str, str]) -> list[str]:
    """Which of them stand in it, with what stands around each."""
    found = []
    for name, canary in canaries.items():
        at = text.lower().find(canary.lower())
        if canary and at >= 0:
            found.append(f"{name}: …{text[max(0, at - 160) : at + len(canary) + 40]}…")
    return found
