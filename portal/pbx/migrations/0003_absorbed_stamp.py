from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("pbx", "0002_calls_as_subscribers_see_them"),
    ]

    operations = [
        migrations.AddField(
            model_name="nodeplan",
            name="absorbed",
            field=models.BigIntegerField(default=0),
        ),
    ]
