"""How are the tags of reviews written, and which are in use?"""

from calls.models import CallReview

MOST_REVIEWS_READ = 500  # the newest: who looks for tags wants those of today
MOST_LETTERS = 200


def tidy(written: str) -> str:
    """ "Complaint,  price, complaint" becomes "Complaint, price": filters compare whole tags."""
    return ", ".join(split(written))


def split(written: str) -> list[str]:
    tags: dict[str, str] = {}
    for tag in written.split(","):
        plain = " ".join(tag.split())
        if plain:
            tags.setdefault(plain.casefold(), plain)
    return list(tags.values())


def tags_in_use() -> list[str]:
    newest = CallReview.objects.exclude(tags="").order_by("-changed_at")
    tags: dict[str, str] = {}
    for written in newest.values_list("tags", flat=True)[:MOST_REVIEWS_READ]:
        for tag in split(written):
            tags.setdefault(tag.casefold(), tag)
    return sorted(tags.values(), key=str.casefold)
