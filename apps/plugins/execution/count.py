"""`io.kestra.plugin.core.execution.Count`: counts executions of flows or namespaces."""

from datetime import datetime
from typing import Any

from pydantic import Field

from apps.engine.job_messages import Count as Counted
from apps.engine.job_messages import CountExecutions, Counts, FlowRef
from apps.plugins.sdk import Outputs, Properties, RunContext, Task, TaskFailure


class CountedFlow(Properties):
    """A flow to count."""

    namespace: str
    flow_id: str


class Count(Task):
    """Count executions."""

    type_id = "io.kestra.plugin.core.execution.Count"
    examples = (
        """id: failed
type: io.kestra.plugin.core.execution.Count
flows:
  - namespace: company.team
    flowId: nightly
states: [FAILED]
startDate: "{{ now() | dateAdd(-1, 'DAYS') }}"
expression: "{{ count > 0 }}"
""",
    )
    not_rendered = ("expression",)
    outputs = {"results": "Flows or namespaces whose count met the expression.", "total": "The sum of their counts."}

    flows: list[CountedFlow] | None = Field(default=None, description="Flows to count, each by itself.")
    namespaces: list[str] | None = Field(default=None, description="Namespaces to count, each by itself.")
    states: list[str] | None = Field(default=None, description="Only executions in these states.")
    start_date: datetime | None = Field(default=None, description="Only executions that began later.")
    end_date: datetime | None = Field(default=None, description="Only executions that began earlier.")
    expression: str = Field(description="A condition over `count`; what does not meet it is left out.")

    def run(self, context: RunContext) -> Outputs:
        """Asks for the counts and keeps those that meet the expression."""
        if not self.flows and not self.namespaces:
            raise TaskFailure("Count needs `flows` or `namespaces` to count", retry=False)
        flows = tuple(FlowRef(flow.namespace, flow.flow_id) for flow in self.flows or ())
        ask = CountExecutions(flows, tuple(self.namespaces or ()), tuple(self.states or ()), self.start_date, self.end_date)
        answer = context.ask(ask)
        found = answer.results if isinstance(answer, Counts) else ()
        kept = [result for result in found if context.is_true(self.expression, {"count": result.count})]
        return {"results": [_shown(result) for result in kept], "total": sum(result.count for result in kept)}


def _shown(result: Counted) -> dict[str, Any]:
    shown: dict[str, Any] = {"namespace": result.namespace, "count": result.count}
    return shown if result.flow_id is None else {**shown, "flowId": result.flow_id}
