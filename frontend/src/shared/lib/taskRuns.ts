import type { TaskRun } from "@/api/types";

export interface TaskRunNode {
  run: TaskRun;
  depth: number;
  hasChildren: boolean;
  /** Ids of the runs around it, outermost first. */
  ancestors: string[];
}

/** Task runs as a tree read from top to bottom: children under their parent, in the order they began. */
export function nestTaskRuns(runs: TaskRun[]): TaskRunNode[] {
  const known = new Set(runs.map((run) => run.id));
  const children = new Map<string, TaskRun[]>();
  for (const run of [...runs].sort(byStart)) {
    const parent = run.parentTaskRunId && known.has(run.parentTaskRunId) ? run.parentTaskRunId : "";
    children.set(parent, [...(children.get(parent) ?? []), run]);
  }
  return walk("", [], children);
}

function walk(parent: string, ancestors: string[], children: Map<string, TaskRun[]>): TaskRunNode[] {
  return (children.get(parent) ?? []).flatMap((run) => [
    { run, depth: ancestors.length, hasChildren: children.has(run.id), ancestors },
    ...walk(run.id, [...ancestors, run.id], children),
  ]);
}

function byStart(left: TaskRun, right: TaskRun): number {
  return Date.parse(left.state.startDate) - Date.parse(right.state.startDate);
}

/** `check` of turn `north` reads `check · north`. */
export function taskRunName(run: TaskRun): string {
  return run.value ? `${run.taskId} · ${run.value}` : run.taskId;
}
