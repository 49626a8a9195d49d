import { describe, expect, it } from "vitest";
import type { FlowInput, InputType } from "@/api/types";
import { asCurl, buildForm, checkInput, initialValue, isRequired, toFieldText, type InputValue } from "./inputs";

const input = (type: InputType, more: Partial<FlowInput> = {}): FlowInput => ({ id: "x", type, ...more });
const problem = (type: InputType, value: InputValue, more: Partial<FlowInput> = {}): string | undefined => checkInput(input(type, more), value)?.key;

describe("checkInput", () => {
  it.each<[InputType, InputValue, Partial<FlowInput>, string | undefined]>([
    ["STRING", "", {}, "required"],
    ["STRING", "", { required: false }, undefined],
    ["STRING", "", { defaults: "a" }, undefined],
    ["STRING", "", { dependsOn: { inputs: ["y"] } }, undefined],
    ["STRING", "AB-1", { validator: "[A-Z]+-\\d" }, undefined],
    ["STRING", "AB-12", { validator: "[A-Z]+-\\d" }, "pattern"],
    ["STRING", "anything", { validator: "(?<broken" }, undefined],
    ["INT", "12", {}, undefined],
    ["INT", "1.5", {}, "int"],
    ["INT", "0", { min: 1 }, "min"],
    ["INT", "1001", { max: 1000 }, "max"],
    ["FLOAT", "1.5e3", {}, undefined],
    ["FLOAT", "1,5", {}, "float"],
    ["SELECT", "b", { values: ["a", "b"] }, undefined],
    ["SELECT", "c", { values: ["a", "b"] }, "option"],
    ["SELECT", "c", { values: ["a"], allowCustomValue: true }, undefined],
    ["MULTISELECT", ["a", "z"], { values: ["a", "b"] }, "option"],
    ["ARRAY", ["1", "x"], { itemType: "INT" }, "int"],
    ["DATE", "2026-11-21", { after: "2026-11-20" }, undefined],
    ["DATE", "2026-11-20", { after: "2026-11-20" }, "after"],
    ["DATE", "tomorrow", {}, "date"],
    ["TIME", "14:30:00", { before: "15:00:00" }, undefined],
    ["TIME", "16:00", { before: "15:00:00" }, "before"],
    ["DURATION", "PT1H30M", {}, undefined],
    ["DURATION", "P", {}, "duration"],
    ["DURATION", "90m", {}, "duration"],
    ["JSON", "{\"a\": 1}", {}, undefined],
    ["JSON", "{a}", {}, "json"],
    ["YAML", "a: [1", {}, "yaml"],
    ["URI", "https://example.org/x", {}, undefined],
    ["URI", "example", {}, "uri"],
    ["EMAIL", "ada@example.org", {}, undefined],
    ["EMAIL", "ada", {}, "email"],
  ])("%s %j %j: %s", (type, value, more, expected) => expect(problem(type, value, more)).toBe(expected));

  it("looks at the ending of a file", () => {
    const file = new File(["a"], "orders.TXT");
    expect(problem("FILE", file, { allowedFileExtensions: [".csv"] })).toBe("extension");
    expect(problem("FILE", file, { allowedFileExtensions: [".txt"] })).toBeUndefined();
    expect(problem("FILE", null)).toBe("required");
  });
});

describe("initialValue", () => {
  it.each<[FlowInput, unknown, InputValue]>([
    [input("INT", { defaults: 100 }), undefined, "100"],
    [input("BOOL", { defaults: false }), undefined, "false"],
    [input("STRING", { defaults: "{{ now() }}" }), undefined, ""],
    [input("FILE", { defaults: "nsfile:///a.csv" }), undefined, null],
    [input("MULTISELECT", { defaults: ["a"] }), undefined, ["a"]],
    [input("ARRAY", { defaults: "[1, 2]" }), undefined, ["1", "2"]],
    [input("JSON"), { rows: 5 }, "{\n  \"rows\": 5\n}"],
    [input("STRING", { defaults: "a", prefill: "b" }), undefined, "b"],
  ])("%j with %j", (one, earlier, expected) => expect(initialValue(one, earlier)).toEqual(expected));
});

describe("buildForm", () => {
  it("sends files under their input, lists as JSON, and leaves out what is empty", () => {
    const inputs = [input("FILE", { id: "doc" }), input("ARRAY", { id: "n", itemType: "INT" }), input("STRING", { id: "empty", required: false })];
    const form = buildForm(inputs, { doc: new File(["hi"], "a.txt"), n: ["1", "2"], empty: "" });
    expect([...form.keys()]).toEqual(["doc", "n"]);
    expect(form.get("n")).toBe("[1,2]");
    expect((form.get("doc") as File).name).toBe("a.txt");
  });

  it("gives date and time a zone", () => {
    expect(toFieldText(input("DATETIME"), "2026-11-21T10:00:00")).toMatch(/Z$/);
  });
});

it("a default takes the duty away", () => {
  expect(isRequired(input("STRING"))).toBe(true);
  expect(isRequired(input("STRING", { defaults: "" }))).toBe(false);
});

it("cURL quotes values and hides secrets", () => {
  const inputs = [input("STRING", { id: "name" }), input("SECRET", { id: "token" })];
  const text = asCurl("http://h/api", inputs, { name: "it's", token: "abc" }, "ada");
  expect(text).toContain(`-F 'name=it'\\''s'`);
  expect(text).not.toContain("abc");
});
