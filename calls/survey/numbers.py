"""How does WhatsApp spell a caller's number? Pure.

In three countries its mobile numbers have a digit more or less than those that calls come from.
"""

import re

_MOBILE = (
    (re.compile(r"\+55(\d\d)9?([6-9]\d{7})"), (r"+55\1\2", r"+55\g<1>9\2")),  # Brazil
    (re.compile(r"\+521?(\d{10})"), (r"+52\1", r"+521\g<1>")),  # Mexico
    (re.compile(r"\+549?(\d{10})"), (r"+54\1", r"+549\g<1>")),  # Argentina
)


def spellings(number: str) -> frozenset[str]:
    """Every one of an E.164 number, itself among them."""
    for pattern, templates in _MOBILE:
        if match := pattern.fullmatch(number):
            return frozenset({number, *(match.expand(template) for template in templates)})
    return frozenset({number})
