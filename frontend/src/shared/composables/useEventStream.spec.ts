import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";
import { useEventStream } from "./useEventStream";

class FakeSource {
  static all: FakeSource[] = [];
  onopen: () => void = () => undefined;
  onerror: () => void = () => undefined;
  onmessage: (event: { data: string; lastEventId: string }) => void = () => undefined;
  isClosed = false;

  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }

  close(): void {
    this.isClosed = true;
  }
}

beforeEach(() => {
  FakeSource.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open(url = ref<string | null>("/a")) {
  const messages: unknown[] = [];
  const onEnd = vi.fn();
  const scope = effectScope();
  const { status } = scope.run(() => useEventStream({ url, onMessage: (message) => messages.push(message), onEnd }))!;
  return { url, messages, onEnd, scope, status };
}

it("hands over messages and closes at the server's end mark", () => {
  const { messages, onEnd, status } = open();
  const source = FakeSource.all[0]!;
  source.onopen();
  expect(status.value).toBe("open");
  source.onmessage({ data: "{\"n\":1}", lastEventId: "progress" });
  source.onmessage({ data: "{\"n\":2}", lastEventId: "end" });
  expect(messages).toEqual([{ n: 1 }, { n: 2 }]);
  expect(onEnd).toHaveBeenCalledOnce();
  expect(source.isClosed).toBe(true);
});

it("comes back after a break, later each time, and at once again after a good connection", () => {
  const { status } = open();
  const waits = [1_000, 2_000, 4_000].map((wait) => {
    FakeSource.all.at(-1)!.onerror();
    expect(status.value).toBe("broken");
    const before = FakeSource.all.length;
    vi.advanceTimersByTime(wait - 1);
    expect(FakeSource.all.length).toBe(before);
    vi.advanceTimersByTime(1);
    return FakeSource.all.length - before;
  });
  expect(waits).toEqual([1, 1, 1]);
});

it("stops with its address and with its page", async () => {
  const { url, scope } = open();
  url.value = null;
  await nextTick();
  expect(FakeSource.all[0]!.isClosed).toBe(true);
  url.value = "/b";
  await nextTick();
  FakeSource.all[1]!.onerror();
  scope.stop();
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.all.length).toBe(2);
});
