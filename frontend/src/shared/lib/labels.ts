import type { Label } from "@/api/types";

/** Labels come as a list or, in flow sources, as a map. */
export function labelList(labels: Label[] | Record<string, string> | null | undefined): Label[] {
  if (!labels) return [];
  if (Array.isArray(labels)) return labels;
  return Object.entries(labels).map(([key, value]) => ({ key, value: String(value) }));
}

/** What people set; the product's own `system.*` labels are noise in lists. */
export function userLabels(labels: Label[] | Record<string, string> | null | undefined): Label[] {
  return labelList(labels).filter((label) => !label.key.startsWith("system."));
}

/** `key:value` as typed into a filter or a label box; null when it is none. */
export function parseLabel(text: string): Label | null {
  const at = text.indexOf(":");
  const key = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  return at > 0 && key && value ? { key, value } : null;
}
