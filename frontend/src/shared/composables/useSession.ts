import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { ApiError, requestInstance } from "@/api/client";
import type { Me } from "@/api/types";

/** Who is signed in. Asked once per page load; login and set-up refresh it. */
export const useSession = defineStore("session", () => {
  const me = ref<Me | null>(null);
  const isKnown = ref(false);
  const name = computed(() => [me.value?.firstName, me.value?.lastName].filter(Boolean).join(" ") || me.value?.username || "");
  const homeTenant = computed(() => me.value?.tenants[0]?.id ?? "main");

  async function load(): Promise<void> {
    if (isKnown.value) return;
    try {
      me.value = await requestInstance<Me>("/me");
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      me.value = null;
    }
    isKnown.value = true;
  }

  async function refresh(): Promise<void> {
    isKnown.value = false;
    await load();
  }

  async function login(username: string, password: string): Promise<void> {
    await requestInstance("/login", { method: "POST", json: { username, password } });
    await refresh();
  }

  async function logout(): Promise<void> {
    await requestInstance("/logout", { method: "POST" });
    forget();
  }

  function forget(): void {
    me.value = null;
    isKnown.value = true;
  }

  return { me, name, homeTenant, load, refresh, login, logout, forget };
});
