import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";
import { ApiError } from "@/api/client";
import { readStream, type StreamEvent } from "@/api/stream";
import { useEventStream } from "./useEventStream";

vi.mock("@/api/stream", () => ({ readStream: vi.fn() }));

interface Connection {
  url: string;
  signal: AbortSignal;
  onOpen: () => void;
  send: (event: StreamEvent) => void;
  cut: (error?: unknown) => Promise<void>;
}

let connections: Connection[] = [];

beforeEach(() => {
  connections = [];
  vi.useFakeTimers();
  vi.mocked(readStream).mockImplementation((url, signal, onOpen, send) =>
    new Promise((resolve, reject) => {
      const cut = async (error?: unknown): Promise<void> => {
        if (error) reject(error);
        else resolve();
        await vi.advanceTimersByTimeAsync(0);
      };
      connections.push({ url, signal, onOpen, send, cut });
    }),
  );
});
afterEach(() => vi.useRealTimers());

function open(url = ref<string | null>("/a")) {
  const messages: unknown[] = [];
  const onEnd = vi.fn();
  const scope = effectScope();
  const { status } = scope.run(() => useEventStream({ url, onMessage: (message) => messages.push(message), onEnd }))!;
  return { url, messages, onEnd, scope, status };
}

it("hands over messages and closes at the server's end mark", () => {
  const { messages, onEnd, status } = open();
  const connection = connections[0]!;
  connection.onOpen();
  expect(status.value).toBe("open");
  connection.send({ data: "{\"n\":1}", id: "progress" });
  connection.send({ data: "{\"n\":2}", id: "end" });
  expect(messages).toEqual([{ n: 1 }, { n: 2 }]);
  expect(onEnd).toHaveBeenCalledOnce();
  expect(connection.signal.aborted).toBe(true);
});

it("comes back after a break, later each time, and soon again after a good connection", async () => {
  const { status } = open();
  for (const wait of [1_000, 2_000, 4_000]) {
    const before = connections.length;
    await connections.at(-1)!.cut(new TypeError("network"));
    expect(status.value).toBe("broken");
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(connections.length).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(connections.length).toBe(before + 1);
  }
  connections.at(-1)!.onOpen();
  await connections.at(-1)!.cut();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connections.length).toBe(5);
});

it("does not come back when the server refuses", async () => {
  const { status } = open();
  await connections[0]!.cut(new ApiError(404, "gone"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect([status.value, connections.length]).toEqual(["broken", 1]);
});

it("stops with its address and with its page", async () => {
  const { url, scope } = open();
  url.value = null;
  await nextTick();
  expect(connections[0]!.signal.aborted).toBe(true);
  url.value = "/b";
  await nextTick();
  await connections[1]!.cut(new TypeError("network"));
  scope.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connections.length).toBe(2);
});
