from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("register", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="pendingimport",
            name="job",
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="pendingimport",
            name="outcome",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
