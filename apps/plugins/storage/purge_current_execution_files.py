"""`io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles`: deletes all files of the own execution."""

from apps.plugins.sdk import Outputs, RunContext, Task


class PurgeCurrentExecutionFiles(Task):
    """Delete all files of this execution."""

    type_id = "io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles"
    outputs = {"uris": "What was deleted."}

    def run(self, context: RunContext) -> Outputs:
        """Deletes."""
        return {"uris": context.storage.purge_execution()}
