"""What was sent is never removed, and its words never change; only a body's own draft may."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION consultation_opinion_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' THEN
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'An opinion that was sent is never removed.'
      USING ERRCODE = 'restrict_violation';
  END IF;
  IF (OLD.text, OLD.proposal, OLD.number, OLD.origin, OLD.received_at)
      IS DISTINCT FROM (NEW.text, NEW.proposal, NEW.number, NEW.origin, NEW.received_at) THEN
    RAISE EXCEPTION 'An opinion that was sent keeps its words.'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER consultation_comment_stays BEFORE UPDATE OR DELETE ON consultation_comment
  FOR EACH ROW EXECUTE FUNCTION consultation_opinion_stays();
"""
BACK = """
DROP TRIGGER consultation_comment_stays ON consultation_comment;
DROP FUNCTION consultation_opinion_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTION, BACK)]
