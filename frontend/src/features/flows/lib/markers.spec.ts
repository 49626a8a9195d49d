import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/client";
import { isBlocking, markerFromText, markersOf, markersOfError } from "./markers";

describe("markersOf", () => {
  it("prefers the server's places", () => {
    const markers = markersOf({ index: 0, constraints: "bad", markers: [{ message: "bad", line: 4, column: 3 }] });
    expect(markers).toEqual([{ message: "bad", line: 4, column: 3 }]);
    expect(isBlocking(markers[0]!)).toBe(true);
  });

  it("reads places from the text of a server that gives none", () => {
    expect(markersOf({ index: 0, constraints: "while parsing, in line 12, column 5\ntasks must not be empty" })).toMatchObject([{ line: 12, column: 5 }, { line: 1 }]);
  });

  it("adds warnings and deprecations as hints that do not block", () => {
    const markers = markersOf({ index: 0, warnings: ["odd"], deprecationPaths: ["tasks[0].delay"] });
    expect(markers.map((marker) => marker.severity)).toEqual(["warning", "warning"]);
    expect(markers.some(isBlocking)).toBe(false);
  });

  it("says once what the server tells both by place and by path", () => {
    const told = { message: "'type' is deprecated; use ForEach", path: "tasks[1].type", line: 19, column: 5, severity: "warning" as const };
    expect(markersOf({ index: 0, markers: [told], deprecationPaths: ["tasks[1].type"] })).toEqual([told]);
  });

  it("has none for a valid flow", () => expect(markersOf({ index: 0, constraints: null })).toEqual([]));
});

describe("markersOfError", () => {
  it("places what the server placed", () => {
    const error = new ApiError(422, "Invalid entity", [{ message: "unknown type", line: 7, column: 9 }, { message: "id: must match" }]);
    expect(markersOfError(error)).toMatchObject([{ line: 7, column: 9, severity: "error" }, { line: 1 }]);
  });

  it.each([[new ApiError(500, "x")], [new Error("x")]])("has none for %s", (error) => expect(markersOfError(error)).toEqual([]));
});

it.each([["Error at line 3", 3, 1], ["line: 8, column: 2", 8, 2], ["(line 4, col 6)", 4, 6], ["nothing", 1, 1]])("%s is at %d:%d", (text, line, column) =>
  expect(markerFromText(text)).toMatchObject({ line, column }),
);
