"""The key as a QR code, drawn here: no other service learns it."""

from base64 import b32encode

import segno
from django.utils.safestring import SafeString, mark_safe
from django_otp.plugins.otp_totp.models import TOTPDevice

_LETTERS = 4  # of the key between two spaces


def qr_code(device: TOTPDevice) -> SafeString:
    """SVG to stand in a page, with its quiet zone and without a size."""
    drawn = segno.make_qr(device.config_url, error="m").svg_inline(
        border=4, light="#fff", omitsize=True, svgclass="va-qr", lineclass=None
    )
    return mark_safe(drawn)  # segno's own; the address in it is drawn, not written.


def key_in_letters(device: TOTPDevice) -> str:
    """As apps take it by hand: base32 in groups of four."""
    key = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(key[at : at + _LETTERS] for at in range(0, len(key), _LETTERS))
