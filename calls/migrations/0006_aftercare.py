"""A delivery gets its id and a webhook its secret when they are made."""

import uuid

from django.db import migrations, models

import calls.models.aftercare


class Migration(migrations.Migration):
    dependencies = [("calls", "0005_dashboard")]

    operations = [
        migrations.AlterField(
            model_name="webhook",
            name="secret",
            field=models.CharField(
                default=calls.models.aftercare.new_secret,
                help_text="Signs what is sent, so that the receiver knows it comes from here.",
                max_length=200,
                verbose_name="secret",
            ),
        ),
        migrations.AlterField(
            model_name="webhookdelivery",
            name="delivery_id",
            field=models.UUIDField(default=uuid.uuid4, unique=True, verbose_name="delivery"),
        ),
    ]
