from django.db import migrations, models
from django.db.models import Q


def known_ones(apps, schema_editor):
    """The rule of the first pack, and those that were read in documents."""
    rules = apps.get_model("policy", "StandingRule").objects
    said = Q(code="ALL_TASKS_BIND_ZONES") | Q(code__regex=r"^([a-z0-9]+-)?R[0-9]+$")
    rules.filter(said).update(binds_tasks=True)


class Migration(migrations.Migration):
    dependencies = [("policy", "0003_measures_once_in_a_part")]
    operations = [
        migrations.AddField(
            "standingrule",
            "binds_tasks",
            models.BooleanField(default=False, verbose_name="binds every key task"),
        ),
        migrations.RunPython(known_ones, migrations.RunPython.noop),
    ]
