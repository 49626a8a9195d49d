from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("logs", "0001_initial")]

    operations = [migrations.RunSQL("create sequence log_line_seq cache 1", "drop sequence log_line_seq")]
