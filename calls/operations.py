"""What operators ask this process: is it alive, is it ready, what are its figures?"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from calls import metrics, warmup
from catalog import warmup as catalog_warmup


async def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the event loop turns."""
    return HttpResponse("ok\n", content_type="text/plain")


async def readyz(request: HttpRequest) -> HttpResponse:
    """200 once calls are answered, 503 before; either way with every part of the warm-up."""
    report = warmup.report()
    document = {
        "ready": report.ready,
        "catalog_problem": catalog_warmup.problem(),
        "parts": [
            {"name": part.name, "ms": round(part.ms, 1), "error": part.error}
            for part in report.parts
        ],
    }
    return JsonResponse(document, status=200 if report.ready else 503)


async def metrics_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
