"""Model fields that refuse what a call could not use: phone numbers, time zones, languages."""

import re
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

# BCP-47 as the speech providers take it: a language, perhaps a script, perhaps a region.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


class E164Field(models.CharField):  # type: ignore[type-arg]
    """A phone number, kept as +351200000000 however it was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 32, **kwargs})

    def clean(self, value: Any, model_instance: models.Model | None) -> str:
        return to_e164(super().clean(value, model_instance))

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        number = to_e164(getattr(model_instance, self.attname))
        setattr(model_instance, self.attname, number)
        return number


def to_e164(raw: str) -> str:
    if not raw:
        return raw
    try:
        number = phonenumbers.parse(raw)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError(
            _(
                "“%(number)s” is not a phone number: write + and the country code, "
                "such as +351 200 000 000."
            ),
            params={"number": raw},
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@cache
def time_zones() -> tuple[str, ...]:
    """Read from disk once, 20 ms."""
    return tuple(sorted(available_timezones()))


def validate_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone: use a name such as Europe/Lisbon."),
            params={"name": name},
        )


def validate_language(tag: str) -> None:
    if not _LANGUAGE.fullmatch(tag):
        raise ValidationError(
            _("“%(tag)s” is not a language tag: use en, pt or pt-BR."), params={"tag": tag}
        )
