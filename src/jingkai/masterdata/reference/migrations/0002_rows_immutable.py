from django.db import migrations

FUNCTION = """
CREATE FUNCTION jingkai_reference_rows_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held varchar;
BEGIN
  SELECT state INTO held FROM reference_referenceversion WHERE id = OLD.version_id;
  IF held IS NOT NULL AND held <> 'draft' THEN
    RAISE EXCEPTION 'rows of a reference version that was in force never change'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reference_rows_kept BEFORE UPDATE OR DELETE ON reference_referencerow
  FOR EACH ROW EXECUTE FUNCTION jingkai_reference_rows_kept();
"""
BACK = """
DROP TRIGGER reference_rows_kept ON reference_referencerow;
DROP FUNCTION jingkai_reference_rows_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("reference", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTION, BACK)]
