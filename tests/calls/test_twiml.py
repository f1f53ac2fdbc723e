"""The TwiML, read back as XML."""

from xml.etree import ElementTree

import pytest

from calls import twiml

ANSWER = twiml.StreamAnswer(
    socket_url="wss://voice.example.org/media-stream",
    ended_url="https://voice.example.org/stream-ended",
    status_url="https://voice.example.org/stream-status",
    token="a-token",
)


def test_it_connects_the_call_to_our_socket() -> None:
    response = ElementTree.fromstring(twiml.connect_stream(ANSWER))
    assert response.tag == "Response"
    (connect,) = response
    assert (connect.tag, connect.attrib) == (
        "Connect",
        {"action": "https://voice.example.org/stream-ended", "method": "POST"},
    )
    (stream,) = connect
    assert (stream.tag, stream.attrib) == (
        "Stream",
        {
            "url": "wss://voice.example.org/media-stream",
            "statusCallback": "https://voice.example.org/stream-status",
            "statusCallbackMethod": "POST",
        },
    )
    (parameter,) = stream
    assert (parameter.tag, parameter.attrib) == ("Parameter", {"name": "token", "value": "a-token"})


def test_it_keeps_the_token_out_of_the_url_because_twilio_strips_query_strings() -> None:
    stream = ElementTree.fromstring(twiml.connect_stream(ANSWER)).find("Connect/Stream")
    assert stream is not None
    assert "?" not in stream.attrib["url"] and "a-token" not in stream.attrib["url"]


def test_it_escapes_whatever_it_is_given() -> None:
    token = '"/></Parameter><Hangup/>&<'
    answer = twiml.StreamAnswer("wss://h/p?a=1&b=<", "https://h/e", "https://h/s", token)
    response = ElementTree.fromstring(twiml.connect_stream(answer))
    parameter = response.find("Connect/Stream/Parameter")
    assert parameter is not None
    assert parameter.attrib["value"] == token
    assert response.find(".//Hangup") is None


def test_it_fits_what_twilio_takes_as_one_parameter() -> None:
    parameter = ElementTree.fromstring(twiml.connect_stream(ANSWER)).find(".//Parameter")
    assert parameter is not None
    assert sum(len(value) for value in parameter.attrib.values()) < 500


def test_it_dials_a_colleague_and_ends_there() -> None:
    answer = twiml.DialAnswer("+351200000021", "https://v.org/e?a=1&b=2", "https://v.org/w?key=k")
    (dial,) = ElementTree.fromstring(twiml.dial(answer))
    assert (dial.tag, dial.attrib) == (
        "Dial",
        {
            "action": "https://v.org/e?a=1&b=2",
            "method": "POST",
            "answerOnBridge": "true",
            "timeout": "25",
        },
    )
    (number,) = dial
    assert (number.tag, number.text) == ("Number", "+351200000021")
    assert number.attrib == {"url": "https://v.org/w?key=k", "method": "POST"}


def test_it_dials_without_a_whisper() -> None:
    document = twiml.dial(twiml.DialAnswer("+351200000021", "https://v.org/e"))
    number = ElementTree.fromstring(document).find("Dial/Number")
    assert number is not None and number.attrib == {}


def test_what_is_said_stays_text() -> None:
    said, hangup = ElementTree.fromstring(
        twiml.say("</Say><Dial>+1900</Dial> & co", "pt-BR", then_hang_up=True)
    )
    assert (said.text, len(said)) == ("</Say><Dial>+1900</Dial> & co", 0)
    assert said.attrib == {"language": "pt-BR", "voice": "Polly.Camila"}
    assert hangup.tag == "Hangup"


def test_it_leaves_the_voice_to_the_account_where_it_knows_none() -> None:
    (said,) = ElementTree.fromstring(twiml.say("nuqneH", "tlh"))
    assert said.attrib == {}


@pytest.mark.parametrize(
    ("document", "verb", "attributes"),
    [
        (twiml.hang_up(), "Hangup", {}),
        (twiml.not_in_service(), "Reject", {"reason": "rejected"}),
    ],
)
def test_it_ends_calls_with_a_single_verb(
    document: str, verb: str, attributes: dict[str, str]
) -> None:
    response = ElementTree.fromstring(document)
    assert response.tag == "Response"
    assert [(child.tag, child.attrib) for child in response] == [(verb, attributes)]
