/** Outputs as rows of a tree: every value at once, with the expression that reads it. */
import type { Execution, TaskRun } from "@/api/types";
import { nestTaskRuns, taskRunName } from "@/shared/lib/taskRuns";

export interface OutputRow {
  key: string;
  name: string;
  depth: number;
  value: unknown;
  isBranch: boolean;
  expression: string;
  taskRun?: TaskRun;
  ancestors: string[];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function stepInto(expression: string, name: string | number): string {
  if (typeof name === "number") return `${expression}[${name}]`;
  return NAME.test(name) ? `${expression}.${name}` : `${expression}['${name.replaceAll("'", "\\'")}']`;
}

export function outputRows(execution: Execution): OutputRow[] {
  const nodes = nestTaskRuns(execution.taskRunList ?? []).filter(({ run }) => hasValues(run.outputs));
  return nodes.flatMap(({ run }) => {
    const root: OutputRow = {
      key: run.id, name: taskRunName(run), depth: 0, value: run.outputs, isBranch: true, expression: expressionOf(run), taskRun: run, ancestors: [],
    };
    return [root, ...childRows(root)];
  });
}

export function flowOutputRows(execution: Execution): OutputRow[] {
  if (!hasValues(execution.outputs)) return [];
  const root: OutputRow = { key: "flow", name: "", depth: 0, value: execution.outputs, isBranch: true, expression: "outputs", ancestors: [] };
  return [root, ...childRows(root)];
}

function hasValues(outputs: Record<string, unknown> | null | undefined): boolean {
  return Boolean(outputs && Object.keys(outputs).length);
}

function expressionOf(run: TaskRun): string {
  const base = stepInto("outputs", run.taskId);
  return run.value ? `${base}['${run.value.replaceAll("'", "\\'")}']` : base;
}

function childRows(parent: OutputRow): OutputRow[] {
  return entriesOf(parent.value).flatMap(([name, value]) => {
    const row: OutputRow = {
      key: `${parent.key}/${name}`,
      name: String(name),
      depth: parent.depth + 1,
      value,
      isBranch: entriesOf(value).length > 0,
      expression: stepInto(parent.expression, name),
      ancestors: [...parent.ancestors, parent.key],
    };
    return [row, ...childRows(row)];
  });
}

function entriesOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  return value && typeof value === "object" ? Object.entries(value) : [];
}

/** Rows that match, with the rows around them. */
export function filterRows(rows: OutputRow[], text: string): OutputRow[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return rows;
  const hits = rows.filter((row) => row.name.toLowerCase().includes(wanted) || (!row.isBranch && preview(row.value).toLowerCase().includes(wanted)));
  const keep = new Set(hits.flatMap((row) => [row.key, ...row.ancestors]));
  return rows.filter((row) => keep.has(row.key));
}

export function preview(value: unknown): string {
  if (value === null || value === undefined) return "null";
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function fullText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

export function isFileUri(value: unknown): value is string {
  return typeof value === "string" && /^(kestra|penstock):\/\//.test(value);
}
