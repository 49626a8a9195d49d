"""Indexes for labels and prefixes of namespaces."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("flows", "0001_initial")]
    operations = [
        migrations.RunSQL("create index flow_labels on flow using gin (labels jsonb_path_ops)", "drop index flow_labels"),
        migrations.RunSQL("create index flow_namespace on flow (tenant_id, namespace text_pattern_ops)", "drop index flow_namespace"),
        migrations.RunSQL("create index flow_relations on flow using gin (relations jsonb_path_ops)", "drop index flow_relations"),
    ]
