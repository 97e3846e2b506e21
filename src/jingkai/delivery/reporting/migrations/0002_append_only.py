from django.db import migrations

TABLES = (
    "reporting_cellevent",
    "reporting_cellcomment",
    "reporting_sourcefigure",
    "reporting_returnurge",
    "reporting_explanation",
    "reporting_signature",
)


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION jingkai_append_only()",
            f"DROP TRIGGER {table}_append_only ON {table}",
        )
        for table in TABLES
    ]
