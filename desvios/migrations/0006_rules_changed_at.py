from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("desvios", "0005_calendars_outlive_subscribers"),
    ]

    operations = [
        migrations.AddField(
            model_name="forwardingrules",
            name="changed_at",
            field=models.JSONField(default=dict, editable=False),
        ),
    ]
