from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("supervision", "0003_lateness_and_disputes"), ("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER supervision_latemark_append_only BEFORE UPDATE OR DELETE "
            "ON supervision_latemark FOR EACH ROW EXECUTE FUNCTION jingkai_append_only()",
            "DROP TRIGGER supervision_latemark_append_only ON supervision_latemark",
        )
    ]
