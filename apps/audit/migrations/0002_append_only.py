"""The database refuses to change or delete audit rows, whoever asks."""

from django.db import migrations

CREATE = """
create function audit_append_only() returns trigger language plpgsql as $$
begin raise exception 'the audit log is append-only'; end $$;
create trigger audit_append_only before update or delete or truncate on audit_row for each statement execute function audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "drop trigger audit_append_only on audit_row; drop function audit_append_only();")]
