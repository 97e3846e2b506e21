"""A figure is entered, sent, signed and verified in its row: with room left in the page of the
table, PostgreSQL changes it there and touches no index."""

from django.db import migrations


def room(table: str, percent: int) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"ALTER TABLE {table} SET (fillfactor = {percent})",
        f"ALTER TABLE {table} RESET (fillfactor)",
    )


class Migration(migrations.Migration):
    dependencies = [("reporting", "0006_fewer_indexes")]
    operations = [room("reporting_cell", 60), room("reporting_return", 70)]
