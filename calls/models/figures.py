"""What is counted and searched over many calls, made once when a call is over.

Percentiles over two million utterances are too slow to work out for each look at the dashboard.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from calls.models.call import Call


class Metric(models.TextChoices):
    FIRST_AUDIO = "first-audio", _("Time to first audio")
    READY = "ready", _("Time to ready")
    REPLY = "reply", _("Reply latency")


class Figure(models.Model):
    """How often a metric lay in one bucket, in one hour, for one agent and number.

    Bucket `b` holds durations from 1.04 ** (b - 1) up to 1.04 ** b milliseconds: percentiles are
    within 2 % of what the durations themselves would give (see calls/figures.py).
    """

    hour = models.DateTimeField(_("hour"))
    agent_key = models.PositiveBigIntegerField(_("agent key"), default=0)
    to_number = models.CharField(_("to"), max_length=32, blank=True)
    metric = models.CharField(_("metric"), max_length=16, choices=Metric.choices)
    bucket = models.SmallIntegerField(_("bucket"))
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        constraints = (
            models.UniqueConstraint(
                fields=("hour", "agent_key", "to_number", "metric", "bucket"),
                name="calls_one_figure",
            ),
        )

    def __str__(self) -> str:
        return f"{self.metric} {self.bucket}"


class CallWords(models.Model):
    """Everything that was said in a call, in one text: what the search in the list of calls reads.

    Searched in two million utterances, a common word took longer than anybody waits.
    """

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="words")
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("words of a call")
        verbose_name_plural = _("words of calls")

    def __str__(self) -> str:
        return f"{self.call_id}"
