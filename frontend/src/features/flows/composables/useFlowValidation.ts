import { watchDebounced } from "@vueuse/core";
import { onScopeDispose, ref, type Ref } from "vue";
import { ApiError } from "@/api/client";
import type { Marker } from "@/api/types";
import { validateFlow } from "../api";
import { markersOf, markersOfError } from "../lib/markers";

const QUIET_TIME = 450;

export interface FlowCheck {
  markers: Ref<Marker[]>;
  isChecking: Ref<boolean>;
  error: Ref<unknown>;
  show: (markers: Marker[]) => void;
}

/** The server's opinion of the source, asked when typing pauses; only the newest answer counts. */
export function useFlowValidation(tenant: Ref<string>, source: Ref<string>): FlowCheck {
  const markers = ref<Marker[]>([]);
  const isChecking = ref(false);
  const error = ref<unknown>(null);
  let running: AbortController | null = null;

  async function check(): Promise<void> {
    running?.abort();
    const current = new AbortController();
    running = current;
    isChecking.value = true;
    try {
      markers.value = markersOf(await validateFlow(tenant.value, source.value, current.signal));
      error.value = null;
    } catch (caught) {
      if (current.signal.aborted) return;
      const isRefusal = caught instanceof ApiError && caught.status === 422;
      markers.value = markersOfError(caught);
      error.value = isRefusal ? null : caught;
    }
    if (running === current) isChecking.value = false;
  }

  watchDebounced(source, check, { debounce: QUIET_TIME, immediate: true });
  onScopeDispose(() => running?.abort());
  return { markers, isChecking, error, show: (found) => (markers.value = found) };
}
