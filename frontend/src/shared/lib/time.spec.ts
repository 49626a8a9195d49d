import { describe, expect, it } from "vitest";
import { agoText, durationText, stateDuration } from "./time";

describe("durationText", () => {
  it.each([
    [-5, "0 s"], [0, "0 ms"], [350, "350 ms"], [3230, "3.23 s"], [45_600, "45.6 s"],
    [125_000, "2 min 05 s"], [3_780_000, "1 h 03 min"], [90_000_000, "1 d 01 h"],
  ])("%d ms reads %s", (milliseconds, text) => expect(durationText(milliseconds)).toBe(text));
});

describe("agoText", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  it.each([
    ["2026-11-21T11:59:58Z", "just now"], ["2026-11-21T11:59:30Z", "30 s ago"], ["2026-11-21T11:57:00Z", "3 min ago"],
    ["2026-11-20T12:00:00Z", "a day ago"], ["2026-11-21T13:00:00Z", "in an hour"],
  ])("%s reads %s", (date, text) => expect(agoText(date, now)).toBe(text));
});

describe("stateDuration", () => {
  it("grows with now while there is no end", () => {
    const state = { current: "RUNNING" as const, histories: [], startDate: "2026-11-21T12:00:00Z" };
    expect(stateDuration(state, Date.parse("2026-11-21T12:00:03Z"))).toBe(3000);
    expect(stateDuration({ ...state, endDate: "2026-11-21T12:00:01Z" }, Date.now())).toBe(1000);
  });
});
