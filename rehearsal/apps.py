"""The Django application `rehearsal`: its management commands; it has no models."""

from django.apps import AppConfig


class RehearsalConfig(AppConfig):
    name = "rehearsal"
