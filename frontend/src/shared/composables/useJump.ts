import { createGlobalState } from "@vueuse/core";
import { ref } from "vue";

/** Opens the one jump dialog from anywhere: menu, shortcut. */
export const useJump = createGlobalState(() => {
  const isOpen = ref(false);
  return { isOpen, open: () => (isOpen.value = true), close: () => (isOpen.value = false) };
});
