from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0002_sections_and_revisions")]
    operations = [
        migrations.AddField(
            "sourcedocument",
            "title_from",
            models.CharField(
                choices=[
                    ("file", "the name of the file"),
                    ("text", "read from the text"),
                    ("person", "given by a person"),
                ],
                default="person",
                max_length=6,
                verbose_name="where the title comes from",
            ),
        )
    ]
