"""`python -m benchmarks.load.peer --port 7860`: the webhook, the socket, and a probe."""

import argparse
import sys

import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket
from loguru import logger

from benchmarks.load.peer.bot import bot
from benchmarks.load.probe import probe

# The development runner logs at DEBUG; a server that is used logs at INFO, as the product does.
LOG_LEVEL = "INFO"
TWIML = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Response><Connect><Stream url="ws://{host}/ws"></Stream></Connect></Response>'
)

app = FastAPI()


@app.post("/incoming-call")
async def start_call(request: Request) -> Response:
    twiml = TWIML.format(host=request.headers["host"])
    return Response(twiml, media_type="application/xml")


@app.post("/call-status")
async def call_ended() -> Response:
    return Response(status_code=204)


@app.get("/readyz")
async def ready() -> dict[str, bool]:
    return {"ready": True}


@app.websocket("/ws")
async def stream(websocket: WebSocket) -> None:
    await websocket.accept()
    await bot(websocket)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    logger.remove()
    logger.add(sys.stderr, level=LOG_LEVEL)
    probe.listen()
    uvicorn.run(probe.around(app), host="127.0.0.1", port=port)


if __name__ == "__main__":
    main()
