import { describe, expect, it } from "vitest";
import type { State, StateName } from "@/api/types";
import { segmentsOf, spanOf, ticksOf, waitedFor } from "./gantt";

const T0 = Date.parse("2026-11-21T10:00:00Z");
function state(...steps: [StateName, number][]): State {
  const histories = steps.map(([name, at]) => ({ state: name, date: new Date(T0 + at).toISOString() }));
  return { current: steps.at(-1)![0], histories, startDate: histories[0]!.date };
}

describe("segmentsOf", () => {
  it("tells waiting from running and gives the running part the colour of the end", () => {
    const segments = segmentsOf(state(["CREATED", 0], ["RUNNING", 300], ["FAILED", 1000]), T0 + 5000);
    expect(segments.map(({ state: name, tone, isWaiting, isOpen }) => [name, tone, isWaiting, isOpen])).toEqual([
      ["CREATED", "waiting", true, false], ["RUNNING", "failed", false, false],
    ]);
    expect(waitedFor(segments)).toBe(300);
  });

  it("grows the last segment with now while it runs", () => {
    const [, running] = segmentsOf(state(["CREATED", 0], ["RUNNING", 100]), T0 + 2100);
    expect(running).toMatchObject({ tone: "running", isOpen: true, to: T0 + 2100 });
  });

  it("keeps the attempts before a retry apart", () => {
    const tones = segmentsOf(state(["CREATED", 0], ["RUNNING", 1], ["FAILED", 2], ["RETRYING", 2], ["RUNNING", 5], ["SUCCESS", 9]), T0).map((one) => one.state);
    expect(tones).toEqual(["CREATED", "RUNNING", "FAILED", "RETRYING", "RUNNING"]);
  });
});

describe("ticksOf", () => {
  it.each([500, 3_230, 8_800, 59_000, 754_000, 7_300_000, 400_000_000])("gives distinct labels over %d ms", (length) => {
    const ticks = ticksOf({ start: T0, end: T0 + length });
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(9);
    expect(new Set(ticks.map((tick) => tick.label)).size).toBe(ticks.length);
  });
});

it("the span reaches to now while the execution runs", () => {
  expect(spanOf(state(["CREATED", 0], ["RUNNING", 1]), [], T0 + 4000).end).toBe(T0 + 4000);
});
