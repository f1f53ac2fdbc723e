"""What an agent's owner wants noted of each call: a JSON Schema of one object."""

import json
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

MOST_CHARS = 8_000


def validate_details_schema(value: object) -> None:
    """Empty is fine. Raises ValidationError with a sentence for who wrote it."""
    if value in ({}, None):
        return
    if not isinstance(value, Mapping) or value.get("type") != "object":
        raise ValidationError(_('Begin with {"type": "object", "properties": {…}}.'))
    if not isinstance(value.get("properties"), Mapping) or not value["properties"]:
        raise ValidationError(_("Name at least one field under “properties”."))
    if len(json.dumps(value)) > MOST_CHARS:
        raise ValidationError(_("This is longer than %(most)d characters.") % {"most": MOST_CHARS})
    if "$ref" in json.dumps(value):
        raise ValidationError(_("References ($ref) cannot be used here."))
    try:
        Draft202012Validator.check_schema(value)
    except SchemaError as error:
        raise ValidationError(
            _("This is no JSON Schema: %(why)s") % {"why": error.message}
        ) from error
