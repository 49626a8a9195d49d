import { computed, type ComputedRef } from "vue";
import { useRoute } from "vue-router";

/** The tenant in the address: every call and every link of a page stays in it. */
export function useTenant(): ComputedRef<string> {
  const route = useRoute();
  return computed(() => String(route.params.tenant ?? "main"));
}
