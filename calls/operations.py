"""What operators ask this process: is it alive, is it ready, what are its figures?"""

import asyncio
import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from calls import loop_lag, metrics, warmup
from calls.drain import drain
from calls.metric_files import FolderBusy
from catalog import warmup as catalog_warmup


async def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the event loop turns."""
    loop_lag.watch()
    return HttpResponse("ok\n", content_type="text/plain")


async def readyz(request: HttpRequest) -> HttpResponse:
    """200 while calls are answered, 503 before and after; always with every part of the warm-up."""
    loop_lag.watch()
    report = warmup.report()
    ready = report.ready and not drain.is_on
    document = {
        "ready": ready,
        "draining": drain.is_on,
        "catalog_problem": catalog_warmup.problem(),
        "parts": [
            {"name": part.name, "ms": round(part.ms, 1), "error": part.error}
            for part in report.parts
        ],
    }
    return JsonResponse(document, status=200 if ready else 503)


async def metrics_page(request: HttpRequest) -> HttpResponse:
    loop_lag.watch()
    if not _may_read_metrics(request):
        answer = HttpResponse("A token is needed.\n", status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    try:
        # 6 ms of Python with a dozen tools, 15 ms of several processes: no frame waits for it all.
        figures = await asyncio.to_thread(metrics.exposition)
    except FolderBusy:
        return HttpResponse("The figures are busy.\n", status=503, content_type="text/plain")
    return HttpResponse(figures, content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    """Whoever reaches this server, unless a token is set."""
    if not settings.METRICS_TOKEN:
        return True
    shown = request.headers.get("Authorization", "").encode()
    return hmac.compare_digest(shown, f"Bearer {settings.METRICS_TOKEN}".encode())
