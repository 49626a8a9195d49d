"""The revision that executions take, apart from the latest one, which may be a draft."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0003_templates")]
    operations = [
        migrations.AddField("FlowRow", "published", models.IntegerField(null=True)),
        migrations.RunSQL("update flow set published = revision", ""),
    ]
