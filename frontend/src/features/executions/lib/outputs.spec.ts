import { describe, expect, it } from "vitest";
import type { Execution, TaskRun } from "@/api/types";
import { filterRows, flowOutputRows, isFileUri, outputRows, stepInto } from "./outputs";

const taskRun = (id: string, outputs: Record<string, unknown>, value?: string): TaskRun => ({
  id, taskId: id.replace(/\d/, ""), value, outputs, state: { current: "SUCCESS", histories: [], startDate: "2026-11-21T10:00:00Z" },
});
const execution = {
  id: "e", namespace: "n", flowId: "f", flowRevision: 1, state: taskRun("x", {}).state, outputs: { rows: 5 },
  taskRunList: [taskRun("extract", { vars: { rows: 5, "a-b": [1] } }), taskRun("check1", { value: "ok" }, "north"), taskRun("log", {})],
} satisfies Execution;

describe("outputRows", () => {
  it("lists every value with the expression that reads it, and no task without outputs", () => {
    const rows = Object.fromEntries(outputRows(execution).map((row) => [row.key, row.expression]));
    expect(rows).toEqual({
      extract: "outputs.extract",
      "extract/vars": "outputs.extract.vars",
      "extract/vars/rows": "outputs.extract.vars.rows",
      "extract/vars/a-b": "outputs.extract.vars['a-b']",
      "extract/vars/a-b/0": "outputs.extract.vars['a-b'][0]",
      check1: "outputs.check['north']",
      "check1/value": "outputs.check['north'].value",
    });
  });

  it("keeps the way to a hit", () => {
    expect(filterRows(outputRows(execution), "a-b").map((row) => row.key)).toEqual(["extract", "extract/vars", "extract/vars/a-b"]);
    expect(filterRows(outputRows(execution), "OK").map((row) => row.key)).toEqual(["check1", "check1/value"]);
  });

  it("has the outputs of the flow apart", () => expect(flowOutputRows(execution).map((row) => row.expression)).toEqual(["outputs", "outputs.rows"]));
});

it.each([["a", "o.a"], ["1st", "o['1st']"], ["it's", "o['it\\'s']"], [2, "o[2]"]])("steps into %s", (name, expected) => expect(stepInto("o", name)).toBe(expected));
it.each([["kestra:///a/b.csv", true], ["https://x", false], [5, false]])("%s is a stored file: %s", (value, expected) => expect(isFileUri(value)).toBe(expected));
