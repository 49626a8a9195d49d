import type { Flow, FlowTask } from "@/api/types";

/** Finds a task anywhere in a flow: task groups keep their children under many names (`tasks`, `then`, `cases`, …). */
export function findTask(flow: Flow | undefined, taskId: string): FlowTask | undefined {
  return flow ? search(flow, taskId) : undefined;
}

function search(value: unknown, taskId: string): FlowTask | undefined {
  if (!value || typeof value !== "object") return undefined;
  const candidate = value as Partial<FlowTask>;
  if (candidate.id === taskId && typeof candidate.type === "string" && candidate.type.includes(".")) return candidate as FlowTask;
  for (const child of Object.values(value)) {
    const found = search(child, taskId);
    if (found) return found;
  }
  return undefined;
}
