import { requestTenant, tenantUrl, type Query } from "@/api/client";
import type { Execution, FilePreview, Flow, Label, Page } from "@/api/types";

export function searchExecutions(tenant: string, query: Query, signal?: AbortSignal): Promise<Page<Execution>> {
  return requestTenant(tenant, "/executions/search", { query, signal });
}

export function fetchExecution(tenant: string, id: string, signal?: AbortSignal): Promise<Execution> {
  return requestTenant(tenant, `/executions/${id}`, { signal });
}

export function followUrl(tenant: string, id: string): string {
  return tenantUrl(tenant, `/executions/${id}/follow`);
}

export function fetchFlowOf(tenant: string, namespace: string, flowId: string, revision?: number): Promise<Flow> {
  const path = `/flows/${encodeURIComponent(namespace)}/${encodeURIComponent(flowId)}`;
  return requestTenant(tenant, path, { query: { source: false, revision } });
}

export interface NewExecution {
  namespace: string;
  flowId: string;
  form: FormData;
  labels: Label[];
}

export function createPath(namespace: string, flowId: string): string {
  return `/executions/${encodeURIComponent(namespace)}/${encodeURIComponent(flowId)}`;
}

export function createExecution(tenant: string, wanted: NewExecution): Promise<Execution> {
  const labels = wanted.labels.map((label) => `${label.key}:${label.value}`);
  return requestTenant(tenant, createPath(wanted.namespace, wanted.flowId), { method: "POST", form: wanted.form, query: { labels } });
}

export function killExecution(tenant: string, id: string): Promise<void> {
  return requestTenant(tenant, `/executions/${id}/kill`, { method: "DELETE" });
}

export function restartExecution(tenant: string, id: string): Promise<Execution> {
  return requestTenant(tenant, `/executions/${id}/restart`, { method: "POST" });
}

export function pauseExecution(tenant: string, id: string): Promise<void> {
  return requestTenant(tenant, `/executions/${id}/pause`, { method: "POST" });
}

export function resumeExecution(tenant: string, id: string, form?: FormData): Promise<void> {
  return requestTenant(tenant, `/executions/${id}/resume`, { method: "POST", form: form ?? new FormData() });
}

export function replayExecution(tenant: string, id: string, taskRunId?: string): Promise<Execution> {
  return requestTenant(tenant, `/executions/${id}/replay`, { method: "POST", query: { taskRunId } });
}

export function fetchErrorLogs(tenant: string, id: string, taskRunId: string): Promise<{ timestamp: string; message: string }[]> {
  return requestTenant(tenant, `/logs/${id}`, { query: { minLevel: "ERROR", taskRunId } });
}

export function fileUrl(tenant: string, id: string, path: string): string {
  return tenantUrl(tenant, `/executions/${id}/file`, { path });
}

export function fetchPreview(tenant: string, id: string, path: string): Promise<FilePreview> {
  return requestTenant(tenant, `/executions/${id}/file/preview`, { query: { path, maxRows: 100 } });
}
