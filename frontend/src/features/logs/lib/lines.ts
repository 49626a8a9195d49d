/** Log lines in the browser: merged without doubles, filtered, and made safe HTML with ANSI colours and marks. */
import { AnsiUp } from "ansi_up";
import DOMPurify from "dompurify";
import type { LogEntry, LogLevel } from "@/api/types";

export const LEVELS: LogLevel[] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

export interface LineFilter {
  level: LogLevel;
  text: string;
  taskRunId: string;
}

export function isAtLeast(level: LogLevel, minimum: LogLevel): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(minimum);
}

export function filterLines(lines: LogEntry[], filter: LineFilter): LogEntry[] {
  const wanted = filter.text.trim().toLowerCase();
  return lines.filter(
    (line) =>
      isAtLeast(line.level, filter.level) &&
      (!filter.taskRunId || line.taskRunId === filter.taskRunId) &&
      (!wanted || plainText(line.message).toLowerCase().includes(wanted)),
  );
}

/** Collects lines of the first read and of the stream, which may start over: the same line counts once per reading. */
export class LineCollector {
  private readonly seen = new Set<string>();
  private counts = new Map<string, number>();
  readonly lines: LogEntry[] = [];

  /** A new reading begins again at the first line. */
  beginReading(): void {
    this.counts = new Map();
  }

  add(line: LogEntry): boolean {
    const base = line.id !== undefined && line.id !== null ? `#${line.id}` : [line.timestamp, line.taskRunId, line.attemptNumber, line.level, line.message].join("\u0000");
    const count = (this.counts.get(base) ?? 0) + 1;
    this.counts.set(base, count);
    const key = `${base}\u0000${count}`;
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    this.insert(line);
    return true;
  }

  /** Lines come almost in order: the right place is found from the end. */
  private insert(line: LogEntry): void {
    let index = this.lines.length;
    while (index > 0 && this.lines[index - 1]!.timestamp > line.timestamp) index -= 1;
    this.lines.splice(index, 0, line);
  }
}

const ANSI = /\u001b\[[0-9;?]*[A-Za-z]/g;

export function plainText(message: string): string {
  return message.replace(ANSI, "");
}

/** Escaped text with classes for ANSI colours and marks for hits. */
export function toMarkup(message: string, search: string): string {
  const ansi = new AnsiUp();
  ansi.use_classes = true;
  const html = ansi.ansi_to_html(message);
  return search.trim() ? mark(html, search.trim()) : html;
}

/** The second wall: whatever slips through the escaping above has no tag and no attribute to live in. */
export function toHtml(message: string, search: string): string {
  return DOMPurify.sanitize(toMarkup(message, search), { ALLOWED_TAGS: ["span", "mark"], ALLOWED_ATTR: ["class"] });
}

/** Marks hits in the text between tags only, so that a search for `span` leaves the markup alone. */
function mark(html: string, search: string): string {
  const escaped = search.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const pattern = new RegExp(escaped.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
  return html.split(/(<[^>]*>)/).map((part) => (part.startsWith("<") ? part : part.replace(pattern, (hit) => `<mark>${hit}</mark>`))).join("");
}
