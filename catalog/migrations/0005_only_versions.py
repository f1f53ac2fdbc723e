from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("catalog", "0004_into_versions")]

    operations = [
        migrations.RemoveConstraint(
            model_name='prompt',
            name='catalog_prompt_version',
        ),
        migrations.RemoveField(
            model_name='clip',
            name='duration_ms',
        ),
        migrations.RemoveField(
            model_name='clip',
            name='loudness_lufs',
        ),
        migrations.RemoveField(
            model_name='clip',
            name='mulaw',
        ),
        migrations.RemoveField(
            model_name='clip',
            name='original',
        ),
        migrations.RemoveField(
            model_name='clip',
            name='sha256',
        ),
        migrations.RemoveField(
            model_name='clip',
            name='text',
        ),
        migrations.RemoveField(
            model_name='clip',
            name='updated_at',
        ),
        migrations.RemoveField(
            model_name='clip',
            name='words',
        ),
        migrations.RemoveField(
            model_name='prompt',
            name='created_at',
        ),
        migrations.RemoveField(
            model_name='prompt',
            name='note',
        ),
        migrations.RemoveField(
            model_name='prompt',
            name='text',
        ),
        migrations.RemoveField(
            model_name='prompt',
            name='version',
        ),
        migrations.AlterField(
            model_name='prompt',
            name='name',
            field=models.CharField(max_length=80, unique=True, verbose_name='name'),
        ),
    ]
