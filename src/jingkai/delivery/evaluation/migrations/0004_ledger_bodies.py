import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0003_frozen_runs"),
        ("organisations", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="pastresult",
            options={
                "ordering": ["-year", "scheme", "zone", "pk"],
                "verbose_name": "earlier result",
            },
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="body",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.body",
            ),
        ),
        migrations.AddField(
            model_name="ledgerentry",
            name="outside_year",
            field=models.CharField(
                blank=True, max_length=300, verbose_name="why it counts for this data year"
            ),
        ),
        migrations.AddField(
            model_name="pastresult",
            name="revision",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="pastresult",
            name="verified_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="pastresult",
            name="verified_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="pastresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verified_by__isnull", True),
                    ("entered_by__isnull", True),
                    models.Q(("verified_by", models.F("entered_by")), _negated=True),
                    _connector="OR",
                ),
                name="evaluation_past_two_people",
                violation_error_message="Nobody verifies what they entered.",
            ),
        ),
    ]
