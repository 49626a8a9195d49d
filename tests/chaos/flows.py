"""The flows of the load: each writes what it does into an outside ledger, one line a beginning and one an end."""

from pathlib import Path

NAMESPACE = "chaos.load"
RETRY = "    retry: {type: constant, interval: PT0.5S, maxAttempts: 3}\n"
RETURN = "io.kestra.plugin.core.debug.Return"


def effect(task_id: str, ledger: Path, *, more: str = "", seconds: float = 0.05, extra: str = "") -> str:
    """A shell task whose beginning and end stand in the ledger with the moment; `more` runs between them."""
    who = "{{ execution.id }} {{ taskrun.id }}"
    note = f"{who} $(date +%s.%N) >> {ledger}"
    lines = [f"echo B {note}", f"sleep {seconds}", *([more] if more else []), f"echo E {note}"]
    commands = "".join(f"\n      - |-\n        {line}" for line in lines)
    return (
        f"id: {task_id}\n    type: io.kestra.plugin.scripts.shell.Commands\n"
        f"    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}\n"
        f"    commands:{commands}\n{extra}"
    )


def nested(task: str, spaces: int) -> str:
    """A task as `effect` writes it, deeper below other tasks."""
    return task.replace("\n", "\n" + " " * spaces)


def flow(flow_id: str, body: str) -> str:
    """A whole source."""
    return f"id: {flow_id}\nnamespace: {NAMESPACE}\n{body}"


def sources(ledger: Path) -> dict[str, str]:
    """Every flow by id."""
    shell = effect("shell", ledger)
    inner = nested(shell, 4)
    deeper = nested(shell, 8)
    nonce = (
        f"N=$(date +%s%N)$$; echo N {{{{ execution.id }}}} {{{{ taskrun.id }}}} $N >> {ledger}"
        + """; echo '::{"outputs":{"nonce":"'$N'"}}::'"""
    )
    many = "for i in $(seq 1 200); do echo line $i of {{ taskrun.id }}; done"
    return {
        "canary": flow("canary", f"tasks:\n  - {{id: a, type: {RETURN}, format: x}}\n  - {{id: b, type: {RETURN}, format: y}}\n"),
        "sequential": flow(
            "sequential", f"tasks:\n  - {{id: a, type: {RETURN}, format: x}}\n  - {shell}  - {{id: b, type: {RETURN}, format: y}}\n"
        ),
        "foreach": flow(
            "foreach",
            "tasks:\n  - id: each\n    type: io.kestra.plugin.core.flow.ForEach\n    concurrencyLimit: 2\n"
            f"    values: [1, 2, 3, 4]\n    tasks:\n      - {inner}",
        ),
        "parallel": flow(
            "parallel",
            "tasks:\n  - id: all\n    type: io.kestra.plugin.core.flow.Parallel\n    tasks:\n"
            f"      - {inner}\n      - {{id: b, type: {RETURN}, format: x}}\n      - {{id: c, type: {RETURN}, format: x}}\n",
        ),
        "child": flow("child", f"tasks:\n  - {shell}\n  - {{id: a, type: {RETURN}, format: x}}\n"),
        "parent": flow(
            "parent",
            f"tasks:\n  - id: sub\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: {NAMESPACE}\n    flowId: child\n"
            f"    wait: true\n    transmitFailed: true\n  - {{id: a, type: {RETURN}, format: x}}\n",
        ),
        "retried": flow(
            "retried",
            "tasks:\n  - " + effect("shell", ledger, more="test {{ taskrun.attemptsCount }} -ge 1", extra=RETRY),
        ),
        "paused": flow("paused", f"tasks:\n  - {{id: hold, type: io.kestra.plugin.core.flow.Pause}}\n  - {shell}"),
        "failing": flow(
            "failing",
            "tasks:\n  - {id: bad, type: io.kestra.plugin.core.execution.Fail}\n"
            f"errors:\n  - {effect('onerror', ledger)}finally:\n  - {effect('atlast', ledger)}",
        ),
        "limited": flow("limited", f"concurrency: {{behavior: QUEUE, limit: 3}}\ntasks:\n  - {effect('shell', ledger, seconds=0.5)}"),
        "scheduled": flow(
            "scheduled",
            f"tasks:\n  - {{id: a, type: {RETURN}, format: x}}\ntriggers:\n  - {{id: tick, type: io.kestra.plugin.core.trigger.Schedule, "
            'cron: "* * * * * *", withSeconds: true, allowConcurrent: true}\n',
        ),
        "heard": flow(
            "heard",
            f"tasks:\n  - {{id: a, type: {RETURN}, format: x}}\ntriggers:\n  - id: listen\n    type: io.kestra.plugin.core.trigger.Flow\n"
            "    conditions:\n      - type: io.kestra.plugin.core.condition.ExecutionFlowCondition\n"
            f"        namespace: {NAMESPACE}\n        flowId: sequential\n"
            "      - type: io.kestra.plugin.core.condition.ExecutionStatusCondition\n        in: [SUCCESS]\n",
        ),
        "script": flow("script", f"tasks:\n  - {effect('shell', ledger, more=nonce)}\n"),
        "talkative": flow("talkative", f"tasks:\n  - {effect('shell', ledger, more=many)}\n"),
        "killed": flow("killed", f"tasks:\n  - {effect('long', ledger, seconds=20)}  - {effect('never', ledger)}"),
        "nested": flow(
            "nested",
            "tasks:\n  - id: outer\n    type: io.kestra.plugin.core.flow.Sequential\n    tasks:\n      - id: each\n"
            "        type: io.kestra.plugin.core.flow.ForEach\n        values: [a, b]\n        tasks:\n"
            f"          - {deeper}",
        ),
    }


STARTED = [name for name in sources(Path("ledger")) if name not in ("canary", "child", "scheduled", "heard")]
"""What the load starts; the others start by themselves or by it."""
