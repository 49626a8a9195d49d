/** Server-sent events by fetch: unlike the browser's EventSource it sends our headers and can tell a refusal from a break. */
import { BROWSER_HEADERS, signedOut, toApiError } from "./client";

export interface StreamEvent {
  id: string;
  data: string;
}

/** Reads until the server or the signal ends the stream; rejects with an ApiError when the server refuses. */
export async function readStream(url: string, signal: AbortSignal, onOpen: () => void, onEvent: (event: StreamEvent) => void): Promise<void> {
  const response = await fetch(url, { headers: { ...BROWSER_HEADERS, Accept: "text/event-stream" }, credentials: "same-origin", signal });
  if (response.status === 401) signedOut();
  if (!response.ok || !response.body) throw await toApiError(response);
  onOpen();
  const parser = new EventParser(onEvent);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) parser.push(part.value);
}

/** The text format of server-sent events; events may arrive in pieces, lines end with LF or CR LF. */
export class EventParser {
  private rest = "";
  private id = "";
  private data: string[] = [];

  constructor(private readonly onEvent: (event: StreamEvent) => void) {}

  push(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.take(line.replace(/\r$/, ""));
  }

  private take(line: string): void {
    if (line === "") return this.finish();
    const colon = line.indexOf(":");
    const [field, value] = colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
    if (field === "id") this.id = value;
    if (field === "data") this.data.push(value);
  }

  private finish(): void {
    if (this.data.length) this.onEvent({ id: this.id, data: this.data.join("\n") });
    this.data = [];
  }
}
