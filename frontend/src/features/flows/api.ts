import { requestTenant, tenantUrl, type Query } from "@/api/client";
import type { Flow, FlowValidation, Page } from "@/api/types";

const pathOf = (namespace: string, id: string): string => `/flows/${encodeURIComponent(namespace)}/${encodeURIComponent(id)}`;

export function searchFlows(tenant: string, query: Query, signal?: AbortSignal): Promise<Page<Flow>> {
  return requestTenant(tenant, "/flows/search", { query, signal });
}

export function fetchFlow(tenant: string, namespace: string, id: string, signal?: AbortSignal): Promise<Flow> {
  return requestTenant(tenant, pathOf(namespace, id), { query: { source: true }, signal });
}

export function fetchRevisions(tenant: string, namespace: string, id: string): Promise<Flow[]> {
  return requestTenant(tenant, `${pathOf(namespace, id)}/revisions`);
}

export function createFlow(tenant: string, source: string): Promise<Flow> {
  return requestTenant(tenant, "/flows", { method: "POST", yaml: source });
}

export function updateFlow(tenant: string, namespace: string, id: string, source: string): Promise<Flow> {
  return requestTenant(tenant, pathOf(namespace, id), { method: "PUT", yaml: source });
}

export function deleteFlow(tenant: string, namespace: string, id: string): Promise<void> {
  return requestTenant(tenant, pathOf(namespace, id), { method: "DELETE" });
}

export async function validateFlow(tenant: string, source: string, signal?: AbortSignal): Promise<FlowValidation | undefined> {
  const answers = await requestTenant<FlowValidation[]>(tenant, "/flows/validate", { method: "POST", yaml: source, signal });
  return answers[0];
}

export function flowSchemaUrl(tenant: string): string {
  return tenantUrl(tenant, "/plugins/schemas/flow");
}

export function fetchFlowSchema(tenant: string): Promise<Record<string, unknown>> {
  return requestTenant(tenant, "/plugins/schemas/flow");
}
