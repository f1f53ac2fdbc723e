"""Where speech is recognised: the vendor, and the one that stands in for it."""

from urllib.parse import urlencode

from django.conf import settings

from calls.circuit import circuits
from calls.pipeline.transport import SAMPLE_RATE
from calls.pipeline.tts import OFFLINE_KEY, VERSION
from calls.pipeline.vendor_socket import SocketRoute
from catalog.snapshot import AgentSpec


def spoken(agent: AgentSpec) -> str:
    """The endpoint documents ISO 639-1: "pt-BR" is "pt" to it."""
    return agent.language.split("-")[0]


def stt_routes(agent: AgentSpec) -> tuple[SocketRoute, ...]:
    usual = _route(
        "stt",
        settings.CARTESIA_BASE_URL,
        settings.CARTESIA_API_KEY,
        settings.CARTESIA_STT_MODEL,
        agent,
    )
    other = settings.FALLBACKS.stt
    if other is None:
        return (usual,)
    return usual, _route("stt fallback", other.base_url, other.api_key, other.model, agent)


def _route(name: str, base_url: str, key: str, model: str, agent: AgentSpec) -> SocketRoute:
    query = urlencode(
        {
            "model": model,
            "language": spoken(agent),
            "encoding": "pcm_s16le",
            "sample_rate": str(SAMPLE_RATE),
        }
    )
    return SocketRoute(
        name=name,
        url=f"{base_url}/stt/websocket?{query}",
        headers={"X-API-Key": key or OFFLINE_KEY, "Cartesia-Version": VERSION},
        circuit=circuits.of(name),
        model=model,
    )
