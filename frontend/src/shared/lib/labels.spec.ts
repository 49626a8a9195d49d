import { describe, expect, it } from "vitest";
import { labelList, parseLabel, userLabels } from "./labels";

describe("labels", () => {
  it("reads lists and maps alike", () => {
    expect(labelList({ team: "sales" })).toEqual([{ key: "team", value: "sales" }]);
    expect(labelList([{ key: "a", value: "1" }])).toEqual([{ key: "a", value: "1" }]);
    expect(labelList(null)).toEqual([]);
  });

  it("hides system labels", () => {
    expect(userLabels([{ key: "system.correlationId", value: "x" }, { key: "env", value: "dev" }])).toEqual([{ key: "env", value: "dev" }]);
  });

  it.each([["env:dev", { key: "env", value: "dev" }], ["url: http://x:1 ", { key: "url", value: "http://x:1" }], ["env", null], [":x", null], ["a:", null]])(
    "parses %s",
    (text, label) => expect(parseLabel(text)).toEqual(label),
  );
});
