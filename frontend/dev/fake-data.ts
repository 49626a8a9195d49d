/** A small world of flows and executions for looking at pages without a server; never part of the build. */
import { parse } from "yaml";
import type { Execution, Flow, LogEntry, StateName, TaskRun } from "../src/api/types.ts";

export const DAILY_ORDERS = `id: daily_orders
namespace: company.sales
description: Loads the orders of a day, checks them in parallel and tells the team.
labels:
  team: sales
  tier: gold
inputs:
  - {id: day, type: DATE, defaults: "2026-11-20", displayName: Day to load}
  - {id: limit, type: INT, defaults: 100, min: 1, max: 1000}
  - {id: mode, type: SELECT, values: [full, incremental], defaults: full}
  - {id: regions, type: MULTISELECT, values: [north, south, east], defaults: [north]}
  - {id: notify, type: BOOL, defaults: true}
  - {id: note, type: STRING, required: false, description: Shown in the report}
  - {id: at, type: DATETIME, required: false}
  - {id: wait, type: DURATION, defaults: PT5M}
  - {id: settings, type: JSON, defaults: '{"rows": 5}'}
  - {id: tags, type: ARRAY, itemType: STRING, defaults: [a, b]}
  - {id: token, type: SECRET, required: false}
  - {id: orders, type: FILE, required: false}
tasks:
  - id: start
    type: io.kestra.plugin.core.log.Log
    message: "Loading {{ inputs.day }}"
  - id: extract
    type: io.kestra.plugin.scripts.shell.Commands
    commands:
      - for i in 1 2 3 4 5; do echo row $i; done
  - id: checks
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: each_region
        type: io.kestra.plugin.core.flow.ForEach
        values: [north, south, east]
        tasks:
          - id: check
            type: io.kestra.plugin.core.debug.Return
            format: "{{ taskrun.value }} checked"
      - id: totals
        type: io.kestra.plugin.scripts.shell.Commands
        commands: [sleep 1, echo total 5]
  - id: done
    type: io.kestra.plugin.core.log.Log
    message: All done
triggers:
  - {id: every_day, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 6 * * *"}
`;

const names = ["orders_to_lake", "invoice_mail", "customer_sync", "stock_report", "price_feed", "returns_check", "nightly_backup", "ship_labels"];
const spaces = ["company.sales", "company.finance", "company.ops.warehouse"];

function smallFlow(index: number): string {
  return `id: ${names[index % names.length]}${index >= names.length ? `_${index}` : ""}
namespace: ${spaces[index % spaces.length]}
description: Moves what came in since the last run, number ${index}.
labels: {team: ${["sales", "ops"][index % 2]}}
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: Hello
${index % 7 === 3 ? "disabled: true\n" : ""}`;
}

export function toFlow(source: string, revision = 1): Flow {
  return { ...(parse(source) as Flow), revision, source, deleted: false, updated: new Date(Date.now() - revision * 5_000_000).toISOString() };
}

export const flows: Flow[] = [toFlow(DAILY_ORDERS, 3), ...Array.from({ length: 26 }, (_, index) => toFlow(smallFlow(index), (index % 4) + 1))];
export const executions: Execution[] = [];
export const logs: LogEntry[] = [];

const id = (): string => Array.from({ length: 22 }, () => "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[Math.floor(Math.random() * 58)]).join("");
const iso = (time: number): string => new Date(time).toISOString();

function stateAt(steps: [StateName, number][], isDone: boolean): Execution["state"] {
  const histories = steps.map(([state, time]) => ({ state, date: iso(time) }));
  const last = histories.at(-1)!;
  return { current: last.state, histories, startDate: histories[0]!.date, endDate: isDone ? last.date : null };
}

interface Planned {
  taskId: string;
  parent?: string;
  value?: string;
  from: number;
  wait: number;
  to: number;
  end: StateName;
  outputs?: Record<string, unknown>;
  lines?: [LogEntry["level"], string][];
}

const PLAN: Planned[] = [
  { taskId: "start", from: 50, wait: 60, to: 150, end: "SUCCESS", lines: [["INFO", "Loading 2026-11-20 into orders"]] },
  { taskId: "extract", from: 170, wait: 350, to: 3800, end: "SUCCESS", outputs: { vars: { rows: 5, uri: "kestra:///company/sales/rows.csv" }, exitCode: 0 },
    lines: Array.from({ length: 60 }, (_, index): [LogEntry["level"], string] => [index % 17 === 5 ? "WARN" : "INFO", `\u001b[32mrow ${index + 1}\u001b[0m of the day ${"x".repeat(index % 9)}`]) },
  { taskId: "checks", from: 3900, wait: 80, to: 8300, end: "SUCCESS" },
  { taskId: "each_region", parent: "checks", from: 3980, wait: 60, to: 7000, end: "SUCCESS" },
  { taskId: "check", parent: "each_region", value: "north", from: 4050, wait: 400, to: 5000, end: "SUCCESS", outputs: { value: "north checked" }, lines: [["DEBUG", "north checked"]] },
  { taskId: "check", parent: "each_region", value: "south", from: 5050, wait: 300, to: 6000, end: "SUCCESS", outputs: { value: "south checked" }, lines: [["DEBUG", "south checked"]] },
  { taskId: "check", parent: "each_region", value: "east", from: 6050, wait: 300, to: 6950, end: "SUCCESS", outputs: { value: "east checked" }, lines: [["DEBUG", "east checked"]] },
  { taskId: "totals", parent: "checks", from: 3990, wait: 700, to: 8200, end: "SUCCESS", outputs: { vars: { total: 5, byRegion: { north: 2, south: 2, east: 1 } } }, lines: [["INFO", "total 5"]] },
  { taskId: "done", from: 8350, wait: 120, to: 8700, end: "SUCCESS", lines: [["INFO", "All done: 5 rows"]] },
];

const FAILED: Planned[] = [
  { ...PLAN[0]! },
  { ...PLAN[1]!, to: 2200, end: "FAILED", lines: [["INFO", "row 1"], ["ERROR", "psql: could not connect to server: Connection refused\n\tIs the server running on host \"10.0.0.7\"?"]] },
];

/** Runs a plan in wall-clock time: `snapshot` answers what a server would answer now. */
export class FakeRun {
  readonly id = id();
  private readonly runIds: string[];
  killedAt: number | null = null;

  constructor(readonly flow: Flow, readonly start: number, readonly inputs: Record<string, unknown>, private readonly plan: Planned[]) {
    this.runIds = plan.map(() => id());
  }

  private taskRun(planned: Planned, index: number, now: number): TaskRun | null {
    const at = (offset: number): number => this.start + offset;
    if (now < at(planned.from)) return null;
    const steps: [StateName, number][] = [["CREATED", at(planned.from)]];
    if (now >= at(planned.from + planned.wait)) steps.push(["RUNNING", at(planned.from + planned.wait)]);
    const isDone = now >= at(planned.to);
    if (isDone) steps.push([planned.end, at(planned.to)]);
    const parentIndex = this.plan.findIndex((other) => other.taskId === planned.parent);
    return {
      id: this.runIds[index]!, taskId: planned.taskId, value: planned.value ?? null,
      parentTaskRunId: planned.parent ? this.runIds[parentIndex]! : null,
      state: stateAt(steps, isDone), attempts: [{ state: stateAt(steps, isDone) }], outputs: isDone ? (planned.outputs ?? {}) : {},
    };
  }

  snapshot(now = Date.now()): Execution {
    const moment = this.killedAt ?? now;
    const taskRunList = this.plan.map((planned, index) => this.taskRun(planned, index, moment)).filter((run) => run !== null);
    const end = this.start + Math.max(...this.plan.map((planned) => planned.to)) + 120;
    const steps: [StateName, number][] = [["CREATED", this.start]];
    if (moment > this.start + 40) steps.push(["RUNNING", this.start + 40]);
    if (this.killedAt) steps.push(["KILLING", this.killedAt], ["KILLED", this.killedAt + 30]);
    else if (now >= end) steps.push([this.plan.some((planned) => planned.end === "FAILED") ? "FAILED" : "SUCCESS", end]);
    const isDone = this.killedAt !== null || now >= end;
    return {
      id: this.id, namespace: this.flow.namespace, flowId: this.flow.id, flowRevision: this.flow.revision, state: stateAt(steps, isDone),
      taskRunList, inputs: this.inputs, outputs: isDone ? { rows: 5 } : null, variables: { bucket: "orders" }, trigger: null, originalId: this.id,
      labels: [...Object.entries((this.flow.labels ?? {}) as Record<string, string>).map(([key, value]) => ({ key, value })), { key: "system.correlationId", value: this.id }],
    };
  }

  logLines(now = Date.now()): LogEntry[] {
    return this.plan.flatMap((planned, index) => (planned.lines ?? []).map(([level, message], line, all): LogEntry => ({
      timestamp: iso(this.start + planned.from + planned.wait + ((planned.to - planned.from - planned.wait) * line) / all.length),
      level, message, namespace: this.flow.namespace, flowId: this.flow.id, executionId: this.id,
      taskId: planned.taskId, taskRunId: this.runIds[index]!, attemptNumber: 0,
    }))).filter((line) => Date.parse(line.timestamp) <= (this.killedAt ?? now)).sort((a, b) => a.timestamp.localeCompare(b.timestamp));
  }
}

export const runs: FakeRun[] = [];
const inputs = { day: "2026-11-20", limit: 100, mode: "full", regions: ["north"], notify: true, settings: { rows: 5 } };

export function startRun(flow: Flow, given: Record<string, unknown>, start = Date.now(), fails = false): FakeRun {
  const run = new FakeRun(flow, start, given, fails ? FAILED : PLAN);
  runs.unshift(run);
  return run;
}

for (let index = 40; index > 0; index -= 1) startRun(flows[index % 5]!, inputs, Date.now() - index * index * 61_000, index % 6 === 0);
