"""The record of calls. Only calls/call_rows.py writes Call, Utterance, ToolRun and CallEvent."""

from calls.models.aftercare import (
    DeliveryState,
    Survey,
    SurveyChannel,
    Webhook,
    WebhookDelivery,
)
from calls.models.call import OVER, Call, EndedBy, RecordingState, Status
from calls.models.figures import CallWords, Figure, Metric
from calls.models.journal import JournalPosition
from calls.models.lines import CallEvent, Speaker, ToolOffer, ToolRun, Utterance
from calls.models.review import CallReview

__all__ = [
    "OVER",
    "Call",
    "CallEvent",
    "CallReview",
    "CallWords",
    "DeliveryState",
    "EndedBy",
    "Figure",
    "JournalPosition",
    "Metric",
    "RecordingState",
    "Speaker",
    "Status",
    "Survey",
    "SurveyChannel",
    "ToolOffer",
    "ToolRun",
    "Utterance",
    "Webhook",
    "WebhookDelivery",
]
