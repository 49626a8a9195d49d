import { createSharedComposable, useColorMode } from "@vueuse/core";
import { computed } from "vue";

export type ThemeChoice = "light" | "dark" | "auto";

/** Light, dark or as the system says; remembered in this browser. */
export const useTheme = createSharedComposable(() => {
  const mode = useColorMode({ storageKey: "penstock.theme", modes: { light: "light", dark: "dark" }, disableTransition: true });
  const choice = computed<ThemeChoice>({
    get: () => mode.store.value as ThemeChoice,
    set: (value) => (mode.store.value = value),
  });
  const isDark = computed(() => mode.state.value === "dark");
  return { choice, isDark };
});
