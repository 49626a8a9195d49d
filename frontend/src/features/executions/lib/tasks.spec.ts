import { expect, it } from "vitest";
import type { Flow } from "@/api/types";
import { findTask } from "./tasks";

const pause = { id: "approve", type: "io.kestra.plugin.core.flow.Pause", onResume: [{ id: "reason", type: "STRING" }] };
const flow = {
  id: "approve", namespace: "n", revision: 1,
  inputs: [{ id: "approve", type: "BOOL" }],
  tasks: [{ id: "choose", type: "io.kestra.plugin.core.flow.Switch", cases: { yes: [pause] } }],
} as unknown as Flow;

it("finds a task inside a case, not the input or flow of the same name", () => expect(findTask(flow, "approve")).toEqual(pause));
it("finds nothing where there is nothing", () => {
  expect(findTask(flow, "other")).toBeUndefined();
  expect(findTask(undefined, "approve")).toBeUndefined();
});
