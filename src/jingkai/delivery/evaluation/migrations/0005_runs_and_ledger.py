from django.db import migrations


class Migration(migrations.Migration):
    """Brings the two lines together; changes nothing."""

    dependencies = [("evaluation", "0003_frozen_runs"), ("evaluation", "0004_published_stay")]
    operations: list[migrations.RunSQL] = []
