"""`python -m benchmarks.load.peer --port 7860`: the webhook, the socket, and a probe."""

import argparse
import sys

import uvicorn
from fastapi import WebSocket
from loguru import logger

from benchmarks.load.peer.bot import bot
from benchmarks.load.probe import probe
from benchmarks.load.telephone_app import app

# The development runner logs at DEBUG; a server that is used logs at INFO, as the product does.
LOG_LEVEL = "INFO"


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
