import { useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, inject, provide, ref, watchEffect, type ComputedRef, type InjectionKey, type Ref } from "vue";
import { requestTenant, tenantUrl } from "@/api/client";
import type { Execution } from "@/api/types";
import { isTerminal } from "@/shared/lib/states";
import { useEventStream, type StreamStatus } from "./useEventStream";

export interface LiveExecution {
  execution: ComputedRef<Execution | undefined>;
  error: Ref<Error | null>;
  isLive: ComputedRef<boolean>;
  status: Ref<StreamStatus>;
  refresh: () => void;
}

const KEY: InjectionKey<LiveExecution> = Symbol("execution");
const POLL_WITHOUT_STREAM = 2_000;
const POLL_WITH_STREAM = 15_000;

/** The execution of a page, followed live until it ends; the tabs below read it with `useExecution`. */
export function provideExecution(tenant: Ref<string>, id: Ref<string>): LiveExecution {
  const queryClient = useQueryClient();
  const key = computed(() => ["execution", tenant.value, id.value]);
  const url = ref<string | null>(null);
  const { status } = useEventStream<Execution>({
    url,
    onMessage: (execution) => execution.id === id.value && queryClient.setQueryData(key.value, execution),
    onEnd: () => void refetch(),
  });
  const { data, error, refetch } = useQuery<Execution>({
    queryKey: key,
    queryFn: ({ signal }) => requestTenant(tenant.value, `/executions/${id.value}`, { signal }),
    refetchInterval: (query): number | false => {
      if (!query.state.data || isTerminal(query.state.data.state.current)) return false;
      return status.value === "open" ? POLL_WITH_STREAM : POLL_WITHOUT_STREAM;
    },
  });
  const isLive = computed(() => Boolean(data.value && !isTerminal(data.value.state.current)));
  watchEffect(() => (url.value = isLive.value ? tenantUrl(tenant.value, `/executions/${id.value}/follow`) : null));
  const live: LiveExecution = { execution: computed(() => data.value), error, isLive, status, refresh: () => void refetch() };
  provide(KEY, live);
  return live;
}

export function useExecution(): LiveExecution {
  const live = inject(KEY);
  if (!live) throw new Error("useExecution needs a page that called provideExecution");
  return live;
}
