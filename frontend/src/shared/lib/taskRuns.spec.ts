import { describe, expect, it } from "vitest";
import type { TaskRun } from "@/api/types";
import { nestTaskRuns, taskRunName } from "./taskRuns";

const run = (id: string, start: string, parent?: string): TaskRun => ({
  id, taskId: id, parentTaskRunId: parent, state: { current: "SUCCESS", histories: [], startDate: `2026-11-21T10:00:${start}Z` },
});

describe("nestTaskRuns", () => {
  it("puts children under their parent in the order they began", () => {
    const nodes = nestTaskRuns([run("b", "05"), run("loop2", "04", "loop"), run("loop", "01"), run("loop1", "02", "loop"), run("a", "00")]);
    expect(nodes.map((node) => [node.run.id, node.depth])).toEqual([["a", 0], ["loop", 0], ["loop1", 1], ["loop2", 1], ["b", 0]]);
    expect(nodes[1]).toMatchObject({ hasChildren: true });
    expect(nodes[2]?.ancestors).toEqual(["loop"]);
  });

  it("keeps a run whose parent is not there", () => {
    expect(nestTaskRuns([run("orphan", "01", "gone")])).toHaveLength(1);
  });
});

it("names the turn of a loop", () => expect(taskRunName({ ...run("check", "00"), value: "north" })).toBe("check · north"));
