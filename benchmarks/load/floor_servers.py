"""`python -m benchmarks.load.floor_servers KIND --port N`: servers that do nothing with a call."""

import argparse
import json
from typing import Any

import uvicorn
from fastapi import WebSocket

from benchmarks.load.probe import probe
from benchmarks.load.telephone_app import app


async def bare_asgi(scope: Any, receive: Any, send: Any) -> None:
    """Each message is read as JSON, and forgotten."""
    if scope["type"] != "websocket":
        await app(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        json.loads(message["text"])


def channels_consumer() -> Any:
    """The same in a consumer, by Channels' own dispatch."""
    import django
    from django.conf import settings

    settings.configure()
    django.setup()
    from channels.generic.websocket import AsyncWebsocketConsumer

    class Consumer(AsyncWebsocketConsumer):
        async def receive(self, text_data: str | None = None, bytes_data: Any = None) -> None:
            json.loads(text_data or "null")

    consumer = Consumer.as_asgi()

    async def routed(scope: Any, receive: Any, send: Any) -> None:
        await (consumer if scope["type"] == "websocket" else app)(scope, receive, send)

    return routed


@app.websocket("/ws")
async def pipecat(websocket: WebSocket) -> None:
    """Pipecat's transport and serializer, and no service between them."""
    from pipecat.pipeline.pipeline import Pipeline
    from pipecat.pipeline.worker import PipelineParams, PipelineWorker
    from pipecat.runner.utils import parse_telephony_websocket
    from pipecat.serializers.twilio import TwilioFrameSerializer
    from pipecat.transports.websocket.fastapi import (
        FastAPIWebsocketParams,
        FastAPIWebsocketTransport,
    )
    from pipecat.workers.runner import WorkerRunner

    await websocket.accept()
    _, call = await parse_telephony_websocket(websocket)
    silent = TwilioFrameSerializer.InputParams(auto_hang_up=False)
    serializer = TwilioFrameSerializer(stream_sid=call["stream_id"], params=silent)
    params = FastAPIWebsocketParams(
        audio_in_enabled=True, audio_out_enabled=True, serializer=serializer
    )
    transport = FastAPIWebsocketTransport(websocket=websocket, params=params)
    worker = PipelineWorker(
        Pipeline([transport.input(), transport.output()]),
        params=PipelineParams(audio_in_sample_rate=8_000, audio_out_sample_rate=8_000),
    )

    @transport.event_handler("on_client_disconnected")
    async def disconnected(_transport: Any, _client: Any) -> None:
        await worker.cancel()

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await runner.run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("asgi", "channels", "pipecat"))
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    served: Any = {"asgi": bare_asgi, "pipecat": app}.get(options.kind) or channels_consumer()
    probe.listen()
    uvicorn.run(probe.around(served), host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
