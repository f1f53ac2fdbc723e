"""Twilio's webhooks and the operators' endpoints."""

from django.urls import path

from calls import operations, views

urlpatterns = [
    path("incoming-call", views.incoming_call, name="incoming-call"),
    path("call-status", views.call_status, name="call-status"),
    path("stream-status", views.stream_status, name="stream-status"),
    path("stream-ended", views.stream_ended, name="stream-ended"),
    path("healthz", operations.healthz, name="healthz"),
    path("readyz", operations.readyz, name="readyz"),
    path("metrics", operations.metrics_page, name="metrics"),
]
