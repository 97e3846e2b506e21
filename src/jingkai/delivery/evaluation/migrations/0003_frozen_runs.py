from django.db import migrations, models

FROZEN = "evaluation_runinput,evaluation_runledgerline".split(",")
# What was frozen stays as it was: nobody edits the run's own copy of scheme, zones, seed or moment.
KEPT = "version_id,year,kind,number,as_of,seed,replications,definition,zones,inputs_digest"
FUNCTION = """
CREATE FUNCTION evaluation_run_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ({old}) IS DISTINCT FROM ({new}) THEN
        RAISE EXCEPTION 'what an evaluation run has frozen is never changed (run %)', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evaluation_run_kept BEFORE UPDATE ON evaluation_run
    FOR EACH ROW EXECUTE FUNCTION evaluation_run_kept();
""".format(
    old=", ".join(f"OLD.{name}" for name in KEPT.split(",")),
    new=", ".join(f"NEW.{name}" for name in KEPT.split(",")),
)


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0002_published_schemes_stay"), ("audit", "0002_append_only")]
    operations = [
        migrations.AddField("run", "zones", models.JSONField(default=list)),
        migrations.RunSQL(
            FUNCTION,
            "DROP TRIGGER evaluation_run_kept ON evaluation_run; "
            "DROP FUNCTION evaluation_run_kept()",
        ),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION jingkai_append_only()",
                f"DROP TRIGGER {table}_append_only ON {table}",
            )
            for table in FROZEN
        ),
    ]
