import { useQuery } from "@tanstack/vue-query";
import { computed, inject, provide, type ComputedRef, type InjectionKey, type Ref } from "vue";
import type { Flow } from "@/api/types";
import { fetchFlow } from "../api";

export interface CurrentFlow {
  flow: ComputedRef<Flow | undefined>;
  error: Ref<Error | null>;
  refresh: () => Promise<unknown>;
}

const KEY: InjectionKey<CurrentFlow> = Symbol("flow");

/** The flow of a page; its tabs read it with `useFlow`. */
export function provideFlow(tenant: Ref<string>, namespace: Ref<string>, id: Ref<string>): CurrentFlow {
  const { data, error, refetch } = useQuery<Flow>({
    queryKey: computed(() => ["flow", tenant.value, namespace.value, id.value]),
    queryFn: ({ signal }) => fetchFlow(tenant.value, namespace.value, id.value, signal),
  });
  const current: CurrentFlow = { flow: computed(() => data.value), error, refresh: () => refetch() };
  provide(KEY, current);
  return current;
}

export function useFlow(): CurrentFlow {
  const current = inject(KEY);
  if (!current) throw new Error("useFlow needs a page that called provideFlow");
  return current;
}
