import { ApiError } from "@/api/client";
import type { FlowValidation, Marker } from "@/api/types";

const AT_LINE = /(?:at|in|on)?\s*line:?\s*(\d+)(?:,?\s*col(?:umn)?:?\s*(\d+))?/i;

/** Where the server gives no place, the text may name one; else it belongs to the first line. */
export function markerFromText(message: string, severity: Marker["severity"] = "error"): Marker {
  const match = AT_LINE.exec(message);
  return { message: message.trim(), line: Number(match?.[1] ?? 1), column: Number(match?.[2] ?? 1), severity };
}

export function markersOf(validation: FlowValidation | undefined): Marker[] {
  if (!validation) return [];
  const errors = validation.markers?.length ? validation.markers : textLines(validation.constraints).map((text) => markerFromText(text));
  const placed = new Set(errors.map((marker) => marker.path));
  const hints = [
    ...(validation.warnings ?? []).map((text) => markerFromText(text, "warning")),
    ...(validation.deprecationPaths ?? []).filter((path) => !placed.has(path)).map((path) => markerFromText(`${path} is deprecated.`, "warning")),
    ...(validation.infos ?? []).map((text) => markerFromText(text, "info")),
  ];
  const known = new Set(errors.map((marker) => marker.message));
  return [...errors, ...hints.filter((hint) => !known.has(hint.message))];
}

function textLines(text: string | null | undefined): string[] {
  return (text ?? "").split("\n").map((line) => line.trim()).filter(Boolean);
}

/** A refused save names its places too. */
export function markersOfError(error: unknown): Marker[] {
  if (!(error instanceof ApiError) || error.status !== 422) return [];
  if (!error.details.length) return [markerFromText(error.message)];
  return error.details.map((detail) => (detail.line ? { ...detail, line: detail.line, column: detail.column ?? 1, severity: "error" } : markerFromText(detail.message)));
}

export function isBlocking(marker: Marker): boolean {
  return (marker.severity ?? "error") === "error";
}
