"""Sound over HTTP as a browser can play it; a clip is the very samples a caller hears, as WAV."""

import io
import re
import wave

from django.http import HttpRequest, HttpResponse

from catalog import mulaw

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")


def wav_response(request: HttpRequest, audio: bytes) -> HttpResponse:
    """`audio` is raw mu-law."""
    return audio_response(request, to_wav(audio), "audio/wav")


def audio_response(request: HttpRequest, data: bytes, content_type: str) -> HttpResponse:
    """Safari plays nothing from a server that does not answer byte ranges."""
    first, last = 0, len(data) - 1
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if asked:
        first, last = int(asked[1]), min(int(asked[2] or last), last)
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    response = HttpResponse(data[first : last + 1], content_type=content_type)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-cache"
    if asked:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return response


def to_wav(audio: bytes) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(mulaw.SAMPLE_RATE)
        wav.writeframes(mulaw.decode(audio))
    return file.getvalue()
