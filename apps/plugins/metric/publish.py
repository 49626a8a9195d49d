"""`io.kestra.plugin.core.metric.Publish`: reports metrics of one's own."""

from typing import Any, Literal

from pydantic import Field, field_validator

from apps.plugins.sdk import Duration, Outputs, Properties, RunContext, Task


class PublishedMetric(Properties):
    """One metric."""

    name: str
    type: Literal["counter", "timer", "gauge", "COUNTER", "TIMER", "GAUGE"]
    value: float | Duration
    tags: dict[str, str] | None = None

    @field_validator("value", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        try:
            return float(value)
        except (TypeError, ValueError):
            return value


class Publish(Task):
    """Publish metrics."""

    type_id = "io.kestra.plugin.core.metric.Publish"
    quick = True

    metrics: list[PublishedMetric] = Field(description="Metrics: name, type (counter, timer or gauge), value, tags.")

    def run(self, context: RunContext) -> Outputs:
        """Reports each."""
        for metric in self.metrics:
            value = metric.value if isinstance(metric.value, float) else metric.value.total_seconds()
            context.metric(metric.name, value, kind=metric.type.lower(), tags=metric.tags)
        return None
