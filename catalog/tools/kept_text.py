"""Text that a model sent, fit to be kept and read by people. Pure."""


def one_line(text: str) -> str:
    """Without line breaks and what nobody sees: PostgreSQL, for one, takes no NUL."""
    return " ".join(_visible(text).split())


def paragraphs(text: str) -> str:
    """The same, with its line breaks."""
    return "\n".join(_visible(line).rstrip() for line in text.splitlines()).strip()


def _visible(text: str) -> str:
    # Joiners hold emoji and some scripts together, and are harmless.
    return "".join(
        letter if letter.isprintable() or letter in "\u200c\u200d" else " " for letter in text
    )
