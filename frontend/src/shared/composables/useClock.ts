import { createSharedComposable, useNow } from "@vueuse/core";
import { computed } from "vue";

/** One ticking clock for every live duration and relative time on the page. */
export const useClock = createSharedComposable(() => {
  const date = useNow({ interval: 1000 });
  return { now: computed(() => date.value.getTime()) };
});
