"""Twilio's webhooks and the operators' endpoints."""

from django.urls import path

from calls import busy_views, operations, stream_ended, transfer_views, views
from calls.survey.reply import whatsapp_reply

urlpatterns = [
    path("incoming-call", views.incoming_call, name="incoming-call"),
    path("call-status", views.call_status, name="call-status"),
    path("stream-status", views.stream_status, name="stream-status"),
    path("stream-ended", stream_ended.stream_ended, name="stream-ended"),
    path("transfer-whisper", transfer_views.transfer_whisper, name="transfer-whisper"),
    path("transfer-ended", transfer_views.transfer_ended, name="transfer-ended"),
    path("call-back", busy_views.call_back, name="call-back"),
    path("busy-clip/<slug:digest>.wav", busy_views.busy_clip, name="busy-clip"),
    path("whatsapp-reply", whatsapp_reply, name="whatsapp-reply"),
    path("healthz", operations.healthz, name="healthz"),
    path("readyz", operations.readyz, name="readyz"),
    path("metrics", operations.metrics_page, name="metrics"),
]
