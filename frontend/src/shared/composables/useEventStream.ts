import { ApiError } from "@/api/client";
import { readStream, type StreamEvent } from "@/api/stream";
import { onScopeDispose, ref, watch, type Ref } from "vue";

export type StreamStatus = "closed" | "opening" | "open" | "broken";

export interface StreamOptions<Message> {
  /** The address to listen to; null closes the stream. */
  url: Ref<string | null>;
  onMessage: (message: Message, id: string) => void;
  onEnd?: () => void;
}

const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 15_000;

/** Live messages with the server's marks `start`, `progress` and `end`; comes back by itself after a break. */
export function useEventStream<Message>(options: StreamOptions<Message>): { status: Ref<StreamStatus> } {
  const status = ref<StreamStatus>("closed");
  let current: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delay = FIRST_RETRY;

  function close(): void {
    clearTimeout(timer);
    current?.abort();
    current = null;
    status.value = "closed";
  }

  async function open(url: string): Promise<void> {
    close();
    const own = new AbortController();
    current = own;
    status.value = "opening";
    let error: unknown = null;
    await readStream(url, own.signal, onOpen, receive).catch((caught: unknown) => (error = caught));
    if (current === own) retry(url, error);
  }

  function onOpen(): void {
    status.value = "open";
    delay = FIRST_RETRY;
  }

  function receive({ id, data }: StreamEvent): void {
    if (data) options.onMessage(JSON.parse(data) as Message, id);
    if (id !== "end") return;
    close();
    options.onEnd?.();
  }

  /** Waits longer after each break; what the server refuses it would refuse again. */
  function retry(url: string, error: unknown): void {
    close();
    status.value = "broken";
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return;
    timer = setTimeout(() => options.url.value === url && void open(url), delay);
    delay = Math.min(delay * 2, LONGEST_RETRY);
  }

  watch(options.url, (url) => (url ? void open(url) : close()), { immediate: true });
  onScopeDispose(close);
  return { status };
}
