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

/** Server-sent events with the server's marks `start`, `progress` and `end`; comes back by itself after a break. */
export function useEventStream<Message>(options: StreamOptions<Message>): { status: Ref<StreamStatus> } {
  const status = ref<StreamStatus>("closed");
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delay = FIRST_RETRY;

  function close(): void {
    clearTimeout(timer);
    source?.close();
    source = null;
    status.value = "closed";
  }

  function open(url: string): void {
    close();
    status.value = "opening";
    source = new EventSource(url, { withCredentials: true });
    source.onopen = () => {
      status.value = "open";
      delay = FIRST_RETRY;
    };
    source.onmessage = receive;
    source.onerror = () => retry(url);
  }

  function receive(event: MessageEvent<string>): void {
    if (event.data) options.onMessage(JSON.parse(event.data) as Message, event.lastEventId);
    if (event.lastEventId !== "end") return;
    close();
    options.onEnd?.();
  }

  /** The browser's own reconnect would start at once and for ever: ours waits longer each time. */
  function retry(url: string): void {
    close();
    status.value = "broken";
    timer = setTimeout(() => options.url.value === url && open(url), delay);
    delay = Math.min(delay * 2, LONGEST_RETRY);
  }

  watch(options.url, (url) => (url ? open(url) : close()), { immediate: true });
  onScopeDispose(close);
  return { status };
}
