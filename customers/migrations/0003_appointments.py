import django.db.models.deletion
from django.db import migrations, models

from customers.no_double_booking import drop_rule, make_rule


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0002_labels'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomerPhone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=32, unique=True, verbose_name='number')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='more_phones', to='customers.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'further number',
                'verbose_name_plural': 'further numbers',
                'ordering': ('number',),
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('calendar', models.CharField(default='main', help_text='The one that the agent of the business names.', max_length=40, verbose_name='calendar')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='to')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='what for')),
                ('status', models.CharField(choices=[('booked', 'Booked'), ('cancelled', 'Cancelled')], default='booked', max_length=16, verbose_name='status')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='made')),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appointments', to='customers.customer', verbose_name='customer')),
            ],
            options={
                'verbose_name': 'appointment',
                'verbose_name_plural': 'appointments',
                'ordering': ('starts_at', 'pk'),
                'indexes': [models.Index(fields=['calendar', 'starts_at'], name='customers_a_calenda_fc0821_idx')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='customers_appointment_has_length', violation_error_message='It has to end after it begins.')],
            },
        ),
        migrations.RunPython(make_rule, drop_rule),
    ]
