"""Ids of types that are known by name only."""

_TASKS = (
    "io.kestra.plugin.aws.s3.Upload",
    "io.kestra.plugin.compress.ArchiveDecompress",
    "io.kestra.plugin.gcp.auth.OauthAccessToken",
    "io.kestra.plugin.gcp.bigquery.Load",
    "io.kestra.plugin.git.Clone",
    "io.kestra.plugin.git.PushFlows",
    "io.kestra.plugin.git.PushNamespaceFiles",
    "io.kestra.plugin.git.SyncFlows",
    "io.kestra.plugin.git.SyncNamespaceFiles",
    "io.kestra.plugin.jdbc.duckdb.Query",
    "io.kestra.plugin.jdbc.postgresql.Query",
    "io.kestra.plugin.mongodb.Load",
    "io.kestra.plugin.notifications.slack.SlackExecution",
    "io.kestra.plugin.notifications.slack.SlackIncomingWebhook",
)
_TRIGGERS = ("io.kestra.plugin.jdbc.clickhouse.Trigger", "io.kestra.plugin.jdbc.postgresql.Trigger")
_RUNNERS = (
    "io.kestra.plugin.ee.aws.runner.Batch",
    "io.kestra.plugin.ee.azure.runner.Batch",
    "io.kestra.plugin.ee.gcp.runner.Batch",
    "io.kestra.plugin.ee.gcp.runner.CloudRun",
    "io.kestra.plugin.ee.kubernetes.runner.Kubernetes",
)
STAND_IN = "apps.plugins.declared.stand_in"

DECLARED: dict[str, tuple[str, str]] = {
    **dict.fromkeys(_TASKS, ("task", f"{STAND_IN}:DeclaredTask")),
    **dict.fromkeys(_TRIGGERS, ("trigger", f"{STAND_IN}:DeclaredTrigger")),
    **dict.fromkeys(_RUNNERS, ("runner", f"{STAND_IN}:DeclaredRunner")),
}
