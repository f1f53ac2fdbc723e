"""The least that a Twilio number asks of a web application: TwiML, a status callback, readiness."""

from fastapi import FastAPI, Request, Response

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
