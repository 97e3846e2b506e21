import django.db.models.deletion
from django.db import migrations, models

MARK = """
CREATE FUNCTION indicators_mark_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.is_revision := EXISTS (
    SELECT FROM indicators_valueevent e
    WHERE e.series_id = NEW.series_id AND e.period_end = NEW.period_end
  );
  RETURN NEW;
END $$;
CREATE TRIGGER indicators_valueevent_revision BEFORE INSERT ON indicators_valueevent
  FOR EACH ROW EXECUTE FUNCTION indicators_mark_revision();
"""
UNMARK = """
DROP TRIGGER indicators_valueevent_revision ON indicators_valueevent;
DROP FUNCTION indicators_mark_revision();
"""
# The one change an event ever sees: a column that did not exist learns what was true all along.
MARK_OLD = """
ALTER TABLE indicators_valueevent DISABLE TRIGGER indicators_valueevent_append_only;
UPDATE indicators_valueevent e SET is_revision = true WHERE EXISTS (
  SELECT FROM indicators_valueevent b
  WHERE b.series_id = e.series_id AND b.period_end = e.period_end AND b.id < e.id
);
ALTER TABLE indicators_valueevent ENABLE TRIGGER indicators_valueevent_append_only;
"""
FILL = """
UPDATE indicators_currentvalue c SET indicator_id = s.indicator_id, zone_id = s.zone_id
  FROM indicators_series s WHERE s.id = c.series_id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0004_events_by_moment"),
        ("organisations", "0001_initial"),
    ]
    operations = [
        migrations.AddField(
            model_name="valueevent",
            name="is_revision",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunSQL(MARK_OLD, migrations.RunSQL.noop),
        migrations.RunSQL(MARK, UNMARK),
        migrations.AddField(
            model_name="currentvalue",
            name="indicator",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="indicators.indicator",
            ),
        ),
        migrations.AddField(
            model_name="currentvalue",
            name="zone",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.zone",
            ),
        ),
        # Keys are checked at once: a table with checks still to come cannot be altered.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="currentvalue",
            name="indicator",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="indicators.indicator",
            ),
        ),
        migrations.AlterField(
            model_name="currentvalue",
            name="series",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="current_values",
                to="indicators.series",
            ),
        ),
        migrations.AlterField(
            model_name="valueevent",
            name="series",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="indicators.series",
            ),
        ),
        migrations.AddIndex(
            model_name="currentvalue",
            index=models.Index(fields=["period_end"], name="indicators_current_ends"),
        ),
        migrations.AddIndex(
            model_name="currentvalue",
            index=models.Index(
                condition=models.Q(("zone__isnull", False)),
                fields=["indicator", "period_end", "value"],
                include=("zone", "series"),
                name="indicators_standing",
            ),
        ),
        migrations.AlterField(
            model_name="trajectorypoint",
            name="trajectory",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="points",
                to="indicators.trajectory",
            ),
        ),
        migrations.AddIndex(
            model_name="trajectorypoint",
            index=models.Index(
                fields=["trajectory", "period_end"],
                include=("period", "planned"),
                name="indicators_path_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="series",
            index=models.Index(fields=["scope", "indicator"], name="indicators_series_by_scope"),
        ),
        migrations.AddIndex(
            model_name="valueevent",
            index=models.Index(
                condition=models.Q(
                    ("is_revision", True), models.Q(("origin", "computed"), _negated=True)
                ),
                fields=["-recorded_at", "-id"],
                name="indicators_revisions",
            ),
        ),
    ]
