from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.deletion import SET_NULL


def follow_the_lead(apps, schema_editor):
    """A whole task points at the responsibility of the body that leads it."""
    Obligation = apps.get_model("supervision", "Obligation")
    Responsibility = apps.get_model("policy", "Responsibility")
    held = Responsibility.objects.filter(
        task=OuterRef("task"), body=OuterRef("body"), role="lead"
    ).values("pk")[:1]
    Obligation.objects.filter(kind="task", body__isnull=False).update(
        responsibility=Subquery(held)
    )


class Migration(migrations.Migration):
    dependencies = [
        ("supervision", "0004_late_marks_append_only"),
        ("policy", "0003_measures_once_in_a_part"),
    ]
    operations = [
        migrations.AlterField(
            "obligation",
            "responsibility",
            models.ForeignKey(
                "policy.Responsibility", SET_NULL, null=True, blank=True, related_name="+"
            ),
        ),
        migrations.RunPython(follow_the_lead, migrations.RunPython.noop),
    ]
