from django.db import migrations

# A published edition is retired once, and its open end is closed once; nothing else about it moves.
GUARD = """
CREATE FUNCTION jingkai_scheme_version_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE'
     AND to_jsonb(NEW) - 'state' - 'last_year' = to_jsonb(OLD) - 'state' - 'last_year'
     AND (NEW.state = OLD.state OR (OLD.state = 'published' AND NEW.state = 'retired'))
     AND (NEW.last_year IS NOT DISTINCT FROM OLD.last_year
          OR (OLD.state = 'published' AND OLD.last_year IS NULL)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'A published edition of a scheme never changes.'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER evaluation_version_kept BEFORE UPDATE OR DELETE ON evaluation_schemeversion
  FOR EACH ROW EXECUTE FUNCTION jingkai_scheme_version_kept();

CREATE FUNCTION jingkai_scheme_nodes_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held varchar;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    SELECT state INTO held FROM evaluation_schemeversion WHERE id = OLD.version_id;
  END IF;
  IF TG_OP <> 'DELETE' AND (held IS NULL OR held = 'draft') THEN
    SELECT state INTO held FROM evaluation_schemeversion WHERE id = NEW.version_id;
  END IF;
  IF held IS NOT NULL AND held <> 'draft' THEN
    RAISE EXCEPTION 'The tree of a published edition never changes.'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER evaluation_nodes_kept BEFORE INSERT OR UPDATE OR DELETE ON evaluation_schemenode
  FOR EACH ROW EXECUTE FUNCTION jingkai_scheme_nodes_kept();
"""
BACK = """
DROP TRIGGER evaluation_nodes_kept ON evaluation_schemenode;
DROP FUNCTION jingkai_scheme_nodes_kept();
DROP TRIGGER evaluation_version_kept ON evaluation_schemeversion;
DROP FUNCTION jingkai_scheme_version_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, BACK)]
