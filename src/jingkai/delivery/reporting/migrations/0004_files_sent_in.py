import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
        ("files", "0001_initial"),
        ("reporting", "0003_held_by_unlocks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="ReturnFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="file name")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("saved", "taken in"),
                            ("sent", "taken in and sent"),
                            ("refused", "refused"),
                            ("asked", "a question is open"),
                        ],
                        max_length=8,
                        verbose_name="outcome",
                    ),
                ),
                ("signed", models.BooleanField(verbose_name="template of the system")),
                (
                    "saved_cells",
                    models.PositiveIntegerField(default=0, verbose_name="figures taken in"),
                ),
                ("check_code", models.CharField(max_length=64, verbose_name="check code")),
                ("answer", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                    ),
                ),
                (
                    "in_return",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="reporting.return",
                    ),
                ),
            ],
            options={"verbose_name": "file sent in", "ordering": ["-id"]},
        ),
        migrations.AddConstraint(
            model_name="returnfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["saved", "sent", "refused", "asked"])),
                name="reporting_file_outcome_known",
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER reporting_returnfile_append_only BEFORE UPDATE OR DELETE"
            " ON reporting_returnfile FOR EACH ROW EXECUTE FUNCTION jingkai_append_only()",
            "DROP TRIGGER reporting_returnfile_append_only ON reporting_returnfile",
        ),
    ]
