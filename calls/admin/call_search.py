"""Which calls does a search find? By words that were said, by who called, by number, by SID.

On PostgreSQL words are found through the indexes of migration 0004_search, and the last word may be
the beginning of one. Elsewhere a search reads every text.
"""

import re
from collections.abc import Iterator

from django.db import connections
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from calls.models import Call

# The expressions of the indexes, to the letter. `plainto_tsquery` reads the words as the index did;
# a search for nothing but punctuation has none, and finds nothing.
_QUERY = "(nullif(plainto_tsquery('simple', %s)::text, '') || ':*')::tsquery"
_WORDS = f"SELECT call_id FROM calls_callwords WHERE to_tsvector('simple', text) @@ {_QUERY}"
_NAMES = f"SELECT id FROM calls_call WHERE to_tsvector('simple', customer_name) @@ {_QUERY}"

MOST_LETTERS = 200
_SID = re.compile(r"CA[0-9a-f]{2,}", re.IGNORECASE)
_NUMBER = re.compile(r"[+(]?[\d\s().-]+")
FEWEST_DIGITS = 3


def found(calls: QuerySet[Call], asked: str, *, by_number: bool) -> QuerySet[Call]:
    """`by_number`: whether the callers' numbers are looked at, for people who may see them."""
    asked = asked.replace("\0", "").strip()[:MOST_LETTERS]
    if not asked:
        return calls
    if _SID.fullmatch(asked):
        return calls.filter(call_sid__startswith=f"CA{asked[2:].lower()}")
    wanted = Q()
    for part in (*_by_words(asked, calls.db), *_by_digits(asked, by_number)):
        wanted |= part
    return calls.filter(wanted)


def _by_words(asked: str, database: str) -> Iterator[Q]:
    if connections[database].vendor == "postgresql":
        # Two subqueries, each hashed once, while the calls are walked from the newest on: a word of
        # nearly every one of 100,000 calls takes half the time of any join.
        yield Q(pk__in=RawSQL(_WORDS, (asked,)))
        yield Q(pk__in=RawSQL(_NAMES, (asked,)))
    else:
        yield Q(words__text__icontains=asked)
        yield Q(customer_name__icontains=asked)


def _by_digits(asked: str, by_number: bool) -> Iterator[Q]:
    digits = "".join(sign for sign in asked if sign.isascii() and sign.isdigit())
    if not _NUMBER.fullmatch(asked) or len(digits) < FEWEST_DIGITS:
        return
    yield Q(to_number__contains=digits)
    if by_number:
        yield Q(from_number__contains=digits)
