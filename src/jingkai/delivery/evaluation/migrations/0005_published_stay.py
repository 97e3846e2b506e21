"""A published run stays as it is: its row, inputs, lines and results, whoever asks the database."""

from django.db import migrations

RUN = """
CREATE FUNCTION evaluation_published_run_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'published' THEN
    RAISE EXCEPTION 'Run % is published: it is never changed or removed.', OLD.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER evaluation_run_published_stays BEFORE UPDATE OR DELETE ON evaluation_run
  FOR EACH ROW EXECUTE FUNCTION evaluation_published_run_stays();
"""
ROW = """
CREATE FUNCTION evaluation_published_rows_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND EXISTS (
    SELECT 1 FROM evaluation_run WHERE id = OLD.run_id AND state = 'published'
  ) THEN
    RAISE EXCEPTION 'Run % is published: rows of % stay as they are.', OLD.run_id, TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN
    RETURN OLD;
  END IF;
  IF EXISTS (SELECT 1 FROM evaluation_run WHERE id = NEW.run_id AND state = 'published') THEN
    RAISE EXCEPTION 'Run % is published: nothing is added to %.', NEW.run_id, TG_TABLE_NAME
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
"""
TABLES = ("evaluation_runinput", "evaluation_runledgerline", "evaluation_zoneresult")


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0004_ledger_bodies")]
    operations = [
        migrations.RunSQL(
            RUN,
            "DROP TRIGGER evaluation_run_published_stays ON evaluation_run; "
            "DROP FUNCTION evaluation_published_run_stays()",
        ),
        migrations.RunSQL(ROW, "DROP FUNCTION evaluation_published_rows_stay()"),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER {table}_published_stay BEFORE INSERT OR UPDATE OR DELETE "
                f"ON {table} FOR EACH ROW EXECUTE FUNCTION evaluation_published_rows_stay()",
                f"DROP TRIGGER {table}_published_stay ON {table}",
            )
            for table in TABLES
        ),
    ]
