from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="zone",
            index=models.Index(fields=["position", "code"], name="organisations_zone_order"),
        ),
    ]
