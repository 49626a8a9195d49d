import { requestTenant, tenantUrl, type Query } from "@/api/client";
import type { LogEntry, Page } from "@/api/types";

export function fetchLogs(tenant: string, executionId: string, signal?: AbortSignal): Promise<LogEntry[]> {
  return requestTenant(tenant, `/logs/${executionId}`, { query: { minLevel: "TRACE" }, signal });
}

export function followLogsUrl(tenant: string, executionId: string): string {
  return tenantUrl(tenant, `/logs/${executionId}/follow`, { minLevel: "TRACE" });
}

export function downloadLogsUrl(tenant: string, executionId: string, minLevel: string): string {
  return tenantUrl(tenant, `/logs/${executionId}/download`, { minLevel });
}

export function searchLogs(tenant: string, query: Query, signal?: AbortSignal): Promise<Page<LogEntry>> {
  return requestTenant(tenant, "/logs/search", { query, signal });
}
