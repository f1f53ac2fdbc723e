"""Who may open a call: signatures, and the pitfalls that the library leaves open."""

import pytest
from django.http import QueryDict
from twilio.request_validator import RequestValidator

from calls.auth import public_url, socket_url, upgrade_is_signed, webhook_is_signed
from calls.twilio_rest import has_credentials
from tests.calls.samples import AUTH_TOKEN

FORM = "CallSid=CA1&From=%2B351200000002&To=%2B351200000001&CallerName=Jo%C3%A3o"


@pytest.fixture(autouse=True)
def production(settings) -> None:
    settings.PUBLIC_BASE_URL = "https://voice.example.org"
    settings.TWILIO_WS_PATH = "/media-stream"
    settings.TWILIO_AUTH_TOKEN = AUTH_TOKEN
    settings.TWILIO_AUTH_TOKEN_SECONDARY = ""
    settings.TWILIO_VALIDATE_SIGNATURES = True


def signature(url: str, parameters: object = None, token: str = AUTH_TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, parameters or {}))


@pytest.mark.parametrize(
    ("signed_url", "accepted"),
    [
        ("wss://voice.example.org/media-stream", True),
        ("wss://voice.example.org:443/media-stream", True),
        ("https://voice.example.org/media-stream", False),
        ("ws://voice.example.org/media-stream", False),
        ("wss://voice.example.org/media-stream/", False),
        ("wss://voice.example.org/", False),
        ("wss://VOICE.example.org/media-stream", False),
        ("wss://voice.example.org:8443/media-stream", False),
        ("wss://voice.example.org/media-stream?token=a", False),
        ("wss://attacker.example.org/media-stream", False),
    ],
)
def test_it_accepts_an_upgrade_signed_for_the_url_of_the_twiml(
    signed_url: str, accepted: bool
) -> None:
    assert upgrade_is_signed(signature(signed_url)) is accepted


@pytest.mark.parametrize(
    "signed_url",
    ["wss://voice.example.org/media-stream", "wss://voice.example.org:443/media-stream"],
)
def test_it_accepts_both_forms_when_the_public_url_names_port_443(
    settings, signed_url: str
) -> None:
    settings.PUBLIC_BASE_URL = "https://voice.example.org:443"
    assert upgrade_is_signed(signature(signed_url))


def test_it_leaves_the_host_as_it_is_written_when_it_tries_the_port(settings) -> None:
    for host in ("Voice.Example.org", "[2001:db8::1]"):
        settings.PUBLIC_BASE_URL = f"https://{host}"
        assert upgrade_is_signed(signature(f"wss://{host}:443/media-stream"))
        settings.PUBLIC_BASE_URL = f"https://{host}:443"
        assert upgrade_is_signed(signature(f"wss://{host}/media-stream"))


def test_it_accepts_an_upgrade_over_plain_ws_in_development(settings) -> None:
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:8000"
    assert socket_url() == "ws://127.0.0.1:8000/media-stream"
    assert upgrade_is_signed(signature("ws://127.0.0.1:8000/media-stream"))


@pytest.mark.parametrize("header", [None, "", " ", "nonsense", "é" * 28, "=" * 28])
def test_it_refuses_a_missing_or_senseless_signature_without_a_fault(header: str | None) -> None:
    assert upgrade_is_signed(header) is False
    assert webhook_is_signed("/incoming-call", QueryDict(FORM), header) is False


def test_it_refuses_a_signature_made_with_another_token() -> None:
    assert not upgrade_is_signed(signature(socket_url(), token="another"))


@pytest.mark.parametrize("token", [AUTH_TOKEN, "the-next-token"])
def test_it_accepts_both_auth_tokens_while_they_are_rotated(settings, token: str) -> None:
    settings.TWILIO_AUTH_TOKEN_SECONDARY = "the-next-token"
    assert upgrade_is_signed(signature(socket_url(), token=token))
    assert upgrade_is_signed(signature("wss://voice.example.org:443/media-stream", token=token))
    form = QueryDict(FORM)
    signed = signature(public_url("/incoming-call"), form, token=token)
    assert webhook_is_signed("/incoming-call", form, signed)
    assert not upgrade_is_signed(signature(socket_url(), token="a third"))


def test_it_never_shows_the_secondary_token_to_twilio(settings) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", ""
    settings.TWILIO_AUTH_TOKEN_SECONDARY = "the-next-token"
    assert not has_credentials()


def test_it_accepts_nobody_while_the_auth_token_is_empty(settings) -> None:
    settings.TWILIO_AUTH_TOKEN = ""
    assert not upgrade_is_signed(signature(socket_url(), token=""))
    form = QueryDict(FORM)
    signed = signature(public_url("/incoming-call"), form, token="")
    assert not webhook_is_signed("/incoming-call", form, signed)


def test_it_accepts_everybody_when_told_not_to_check(settings) -> None:
    settings.TWILIO_VALIDATE_SIGNATURES = False
    assert upgrade_is_signed(None)
    assert webhook_is_signed("/incoming-call", QueryDict(FORM), None)


@pytest.mark.parametrize("origin", ["https://voice.example.org", "https://voice.example.org:443"])
def test_it_accepts_a_webhook_signed_with_or_without_the_port(origin: str) -> None:
    form = QueryDict(FORM)
    assert webhook_is_signed("/incoming-call", form, signature(f"{origin}/incoming-call", form))


def test_it_counts_every_parameter_of_a_webhook() -> None:
    signed = signature(public_url("/incoming-call"), QueryDict(FORM))
    for changed in (f"{FORM}&StirVerstat=A", FORM.replace("CA1", "CA2"), "CallSid=CA1", ""):
        assert not webhook_is_signed("/incoming-call", QueryDict(changed), signed)


def test_it_counts_every_value_of_a_repeated_parameter() -> None:
    form = QueryDict(FORM + "&MediaUrl=b&MediaUrl=a")
    signed = signature(public_url("/incoming-call"), form)
    assert webhook_is_signed("/incoming-call", form, signed)
    assert not webhook_is_signed("/incoming-call", QueryDict(FORM + "&MediaUrl=a"), signed)


def test_it_counts_the_query_string_of_a_webhook() -> None:
    form = QueryDict(FORM)
    signed = signature(public_url("/call-status?attempt=1"), form)
    assert webhook_is_signed("/call-status?attempt=1", form, signed)
    assert not webhook_is_signed("/call-status", form, signed)
    assert not webhook_is_signed("/call-status?attempt=2", form, signed)
