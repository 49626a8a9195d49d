import { createGlobalState } from "@vueuse/core";
import { ref } from "vue";

export interface RunRequest {
  namespace: string;
  flowId: string;
  inputs?: Record<string, unknown>;
}

/** Any page may ask to execute a flow; App.vue mounts the one dialog that answers. */
export const useRunDialog = createGlobalState(() => {
  const request = ref<RunRequest | null>(null);
  return { request, open: (wanted: RunRequest) => (request.value = wanted), close: () => (request.value = null) };
});
