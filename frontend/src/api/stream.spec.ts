import { expect, it } from "vitest";
import { EventParser, type StreamEvent } from "./stream";

function parse(...pieces: string[]): StreamEvent[] {
  const events: StreamEvent[] = [];
  const parser = new EventParser((event) => events.push(event));
  pieces.forEach((piece) => parser.push(piece));
  return events;
}

it.each([
  ["whole", ["id: progress\ndata: {\"a\":1}\n\n"]],
  ["in pieces", ["id: pro", "gress\ndata: {\"a\"", ":1}\n", "\n"]],
  ["with CR LF", ["id: progress\r\ndata: {\"a\":1}\r\n\r\n"]],
  ["without blanks after the colons", ["id:progress\ndata:{\"a\":1}\n\n"]],
  ["after a comment", [": quiet\n\nid: progress\ndata: {\"a\":1}\n\n"]],
])("reads an event %s", (_how, pieces) => expect(parse(...pieces)).toEqual([{ id: "progress", data: "{\"a\":1}" }]));

it("joins lines of data, and drops an event that never ended", () => {
  expect(parse("data: a\ndata: b\n\ndata: half")).toEqual([{ id: "", data: "a\nb" }]);
});
