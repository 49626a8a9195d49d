import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "element-plus/es/components/base/style/css";
import "element-plus/theme-chalk/dark/css-vars.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/element.css";
import "./styles/ansi.css";
import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { createPinia } from "pinia";
import { createApp } from "vue";
import { ApiError } from "@/api/client";
import { reloadAfterUpgrade } from "@/shared/lib/freshness";
import App from "./App.vue";
import { i18n } from "./i18n";
import { makeRouter } from "./router";

/** A refusal stays one; only a server that is away deserves another try. */
function shouldRetry(failures: number, error: Error): boolean {
  const isAway = error instanceof ApiError && (error.status === 0 || error.status >= 502);
  return isAway && failures < 2;
}

const queryClient = new QueryClient({ defaultOptions: { queries: { shallow: true, retry: shouldRetry, staleTime: 2_000, refetchOnWindowFocus: true } } });

reloadAfterUpgrade();
createApp(App).use(createPinia()).use(i18n).use(VueQueryPlugin, { queryClient }).use(makeRouter()).mount("#app");
