import { useThrottleFn } from "@vueuse/core";
import { computed, onScopeDispose, ref, shallowRef, triggerRef, watch, type Ref } from "vue";
import type { LogEntry } from "@/api/types";
import { useEventStream, type StreamStatus } from "@/shared/composables/useEventStream";
import { fetchLogs, followLogsUrl } from "../api";
import { LineCollector } from "../lib/lines";

export interface LogLines {
  lines: Ref<LogEntry[]>;
  error: Ref<unknown>;
  isLoading: Ref<boolean>;
  status: Ref<StreamStatus>;
}

const LATE_LINES = 1_500;
const REDRAW_EVERY = 100;

/** All lines of an execution: read once, then followed; read again at the end for lines that came late. */
export function useLogLines(tenant: Ref<string>, executionId: Ref<string>, isLive: Ref<boolean>): LogLines {
  const collector = new LineCollector();
  const lines = shallowRef<LogEntry[]>(collector.lines);
  const error = ref<unknown>(null);
  const isLoading = ref(true);
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Thousands of lines a second are drawn together, not one by one. */
  const redraw = useThrottleFn(() => triggerRef(lines), REDRAW_EVERY, true);

  async function read(): Promise<void> {
    try {
      const all = await fetchLogs(tenant.value, executionId.value, abort.signal);
      collector.beginReading();
      all.forEach((line) => collector.add(line));
      triggerRef(lines);
      error.value = null;
    } catch (caught) {
      if (!abort.signal.aborted) error.value = caught;
    } finally {
      isLoading.value = false;
    }
  }

  const url = computed(() => (isLive.value && !isLoading.value ? followLogsUrl(tenant.value, executionId.value) : null));
  const { status } = useEventStream<Partial<LogEntry>>({
    url,
    onMessage: (line) => {
      if (line.message !== undefined && collector.add(line as LogEntry)) redraw();
    },
  });
  watch(status, (now) => now === "opening" && collector.beginReading());
  watch(isLive, (live) => {
    clearTimeout(timer);
    if (!live) timer = setTimeout(read, LATE_LINES);
  });
  void read();
  onScopeDispose(() => {
    clearTimeout(timer);
    abort.abort();
  });
  return { lines, error, isLoading, status };
}
