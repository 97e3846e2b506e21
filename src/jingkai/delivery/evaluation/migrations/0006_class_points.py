from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0005_published_stay")]
    operations = [
        migrations.AddField("zoneresult", "class_points", models.JSONField(default=dict)),
    ]
