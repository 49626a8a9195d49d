import { describe, expect, it } from "vitest";
import type { LogEntry, LogLevel } from "@/api/types";
import { filterLines, LineCollector, plainText, toMarkup } from "./lines";

const line = (message: string, level: LogLevel = "INFO", second = 0, more: Partial<LogEntry> = {}): LogEntry => ({
  timestamp: `2026-11-21T10:00:${String(second).padStart(2, "0")}.000Z`, level, message, namespace: "n", flowId: "f", taskRunId: "t", ...more,
});

describe("filterLines", () => {
  const lines = [line("a", "DEBUG"), line("\u001b[31mBoom\u001b[0m", "ERROR"), line("b", "INFO", 0, { taskRunId: "other" })];
  it.each([
    [{ level: "TRACE", text: "", taskRunId: "" }, 3],
    [{ level: "INFO", text: "", taskRunId: "" }, 2],
    [{ level: "TRACE", text: "boom", taskRunId: "" }, 1],
    [{ level: "TRACE", text: "", taskRunId: "other" }, 1],
  ] as const)("%j keeps %d", (filter, count) => expect(filterLines(lines, filter)).toHaveLength(count));
});

describe("LineCollector", () => {
  it("takes a stream that starts over without doubles, and keeps lines that really repeat", () => {
    const collector = new LineCollector();
    const first = [line("same"), line("same"), line("other", "INFO", 1)];
    first.forEach((one) => collector.add(one));
    collector.beginReading();
    [...first, line("new", "INFO", 2)].forEach((one) => collector.add(one));
    expect(collector.lines.map((one) => one.message)).toEqual(["same", "same", "other", "new"]);
  });

  it("puts a late line in its place", () => {
    const collector = new LineCollector();
    [line("1", "INFO", 1), line("3", "INFO", 3), line("2", "INFO", 2)].forEach((one) => collector.add(one));
    expect(collector.lines.map((one) => one.message)).toEqual(["1", "2", "3"]);
  });

  it("goes by the id where the server gives one", () => {
    const collector = new LineCollector();
    collector.add(line("x", "INFO", 0, { id: 7 }));
    collector.beginReading();
    expect(collector.add(line("x", "INFO", 5, { id: 7 }))).toBe(false);
  });
});

describe("toMarkup", () => {
  it("turns ANSI into classes and escapes markup", () => {
    const html = toMarkup("\u001b[31mred\u001b[0m <img src=x onerror=alert(1)>", "");
    expect(html).toContain("<span class=\"ansi-red-fg\">red</span>");
    expect(html).not.toContain("<img");
  });

  it("marks hits in text, not in tags", () => {
    expect(toMarkup("\u001b[31mspan\u001b[0m", "span")).toBe("<span class=\"ansi-red-fg\"><mark>span</mark></span>");
    expect(toMarkup("a<b", "<b")).toContain("<mark>&lt;b</mark>");
    expect(toMarkup("1+1", "1+")).toContain("<mark>1+</mark>1");
  });
});

it("plainText drops escape sequences", () => expect(plainText("\u001b[1;31mx\u001b[0m")).toBe("x"));
