"""How much of a model's attention a text costs. Pure."""

CHARACTERS_A_TOKEN = 4  # OpenAI's rule of thumb for English; their tokenizer must be downloaded


def about_tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_A_TOKEN)
