"""One spelling for a phone number, so that the same person is found every time. Pure."""

import phonenumbers

# What networks put in the place of a hidden number, typed on a keypad: ANONYMOUS, RESTRICTED,
# UNAVAILABLE, BLOCKED. The third looks like a number in China; all callers who hide would be one
# customer.
_WITHHELD = frozenset({"266696687", "7378742833", "86282452253", "2562533"})


def prepare() -> None:
    """Load what is known of each country's numbers: it takes 100 to 280 ms, and a first caller from
    somewhere has everybody else wait for that country's.
    """
    phonenumbers.PhoneMetadata.load_all()


def normalise(raw: str, region: str | None = None) -> str | None:
    """E.164, or None for withheld, anonymous and unreadable numbers.

    `region` ("PT") is the country of a number written without one.
    """
    if raw.strip().lstrip("+") in _WITHHELD:
        return None
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
